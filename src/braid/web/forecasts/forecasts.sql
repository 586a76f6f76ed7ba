-- Forecasts laid before boards: there where the item is, whose own policy is asked again. Attached by the commissioner of the
-- board, before the item is decided or to a decision on it, and only of an answer that they may read as it is.

create policy seen on braid_boardforecast for select to braid_pages using (
    exists (select 1 from braid_boarditem i where i.id = braid_boardforecast.item_id)
    and (decision_id is null or exists (select 1 from braid_boarddecision d where d.id = braid_boardforecast.decision_id)));
create policy attached on braid_boardforecast for insert to braid_pages with check (
    written_by = braid_username()
    and exists (select 1 from braid_boarditem i join braid_boardmeeting m on m.id = i.meeting_id
        where i.id = braid_boardforecast.item_id and i.kind = 'decision' and i.taken_off_at is null
            and i.board_id in (select braid_my_boards('commissioner'))
            and (decision_id is not null or m.state in ('planned', 'papers_out', 'quorate', 'inquorate')))
    and (decision_id is not null or not exists (select 1 from braid_boarddecision d
        where d.item_id = braid_boardforecast.item_id))
    and (decision_id is null or exists (select 1 from braid_boarddecision d
        where d.id = braid_boardforecast.decision_id and d.item_id = braid_boardforecast.item_id))
    and exists (select 1 from braid_simulationanswer a
        where a.question_id = braid_boardforecast.question_id and a.digest = braid_boardforecast.answer));
