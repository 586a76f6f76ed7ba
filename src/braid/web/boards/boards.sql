-- Boards: open to whose role governs, but for confidential items, their papers, and what was decided and asked on them:
-- those are there for the members of that board today alone, its commissioner among them. What a page writes down is written by the
-- commissioner of the board; minutes are agreed by whoever holds the chair; seats are given by whoever accounts for access.

-- Boards on which this human holds a seat today, the seat of its commissioner, or the chair. The day is that of the
-- United Kingdom: a seat that ends today ends at midnight there.
create or replace function braid_my_boards(wanted varchar) returns setof varchar language plpgsql stable
    as $$
    declare today date := (statement_timestamp() at time zone 'Europe/London')::date;
    begin
        return query select h.board_id from braid_boardseatholder h
            where h.username = braid_username() and braid_governs() and h.ended_at is null
                and h.from_date <= today and (h.until_date is null or today <= h.until_date)
                and (wanted = 'any' or (wanted = 'chair' and h.chairs)
                    or (wanted = 'commissioner' and h.seat = 'commissioner' and braid_commissions()));
    end $$;

-- Seats: seen by whoever governs, given and ended by whoever accounts for access, and never to oneself.
create policy seen on braid_boardseatholder for select to braid_pages using ((select braid_governs()));
create policy given on braid_boardseatholder for insert to braid_pages with check (
    (select braid_accounts_for_looks()) and given_by = braid_username() and username <> braid_username()
    and ended_at is null);
create policy ended on braid_boardseatholder for update to braid_pages
    using ((select braid_accounts_for_looks()) and username <> braid_username() and ended_at is null)
    with check (ended_by = braid_username() and ended_at is not null);

create policy seen on braid_boardmeeting for select to braid_pages using ((select braid_governs()));
create policy planned on braid_boardmeeting for insert to braid_pages with check (
    board_id in (select braid_my_boards('commissioner')) and planned_by = braid_username() and state = 'planned');
create policy steered on braid_boardmeeting for update to braid_pages
    using (state not in ('agreed', 'cancelled')
        and (board_id in (select braid_my_boards('commissioner')) or board_id in (select braid_my_boards('chair'))))
    with check (
        case when state = 'agreed'
            then board_id in (select braid_my_boards('chair')) and agreed_by = braid_username()
            else board_id in (select braid_my_boards('commissioner')) end);

create policy seen on braid_boarditem for select to braid_pages using (
    (select braid_governs()) and (not confidential or board_id in (select braid_my_boards('any'))));
create policy put_on on braid_boarditem for insert to braid_pages with check (
    board_id in (select braid_my_boards('commissioner')) and written_by = braid_username()
    and exists (select 1 from braid_boardmeeting m where m.id = braid_boarditem.meeting_id
        and m.board_id = braid_boarditem.board_id and m.state in ('planned', 'papers_out')));
create policy kept on braid_boarditem for update to braid_pages
    using (board_id in (select braid_my_boards('commissioner'))
        and exists (select 1 from braid_boardmeeting m where m.id = braid_boarditem.meeting_id
            and m.state not in ('agreed', 'cancelled')))
    with check (board_id in (select braid_my_boards('commissioner')));

-- What hangs on an item is there where the item is: its own policy is asked again.
create policy seen on braid_meetingpaper for select to braid_pages using (
    exists (select 1 from braid_boarditem i where i.id = braid_meetingpaper.item_id));
create policy written on braid_meetingpaper for insert to braid_pages with check (
    written_by = braid_username()
    and exists (select 1 from braid_boarditem i join braid_boardmeeting m on m.id = i.meeting_id
        where i.id = braid_meetingpaper.item_id and m.state in ('planned', 'papers_out')
            and i.board_id in (select braid_my_boards('commissioner'))));

create policy seen on braid_boardattendance for select to braid_pages using ((select braid_governs()));
create policy written on braid_boardattendance for insert to braid_pages with check (
    written_by = braid_username()
    and exists (select 1 from braid_boardmeeting m where m.id = braid_boardattendance.meeting_id
        and m.state in ('papers_out', 'quorate', 'inquorate') and m.board_id in (select braid_my_boards('commissioner'))));
create policy kept on braid_boardattendance for update to braid_pages
    using (exists (select 1 from braid_boardmeeting m where m.id = braid_boardattendance.meeting_id
        and m.state in ('quorate', 'inquorate') and m.board_id in (select braid_my_boards('commissioner'))))
    with check (written_by = braid_username());

create policy seen on braid_boardinterest for select to braid_pages using (
    exists (select 1 from braid_boarditem i where i.id = braid_boardinterest.item_id));
create policy declared on braid_boardinterest for insert to braid_pages with check (
    written_by = braid_username()
    and exists (select 1 from braid_boarditem i join braid_boardmeeting m on m.id = i.meeting_id
        where i.id = braid_boardinterest.item_id and m.state in ('quorate', 'inquorate')
            and i.board_id in (select braid_my_boards('commissioner'))));

-- A decision is taken at a meeting that is held with a quorum, on an item for decision, and is as confidential as that.
create policy seen on braid_boarddecision for select to braid_pages using (
    (select braid_governs()) and (not confidential or board_id in (select braid_my_boards('any'))));
create policy taken on braid_boarddecision for insert to braid_pages with check (
    board_id in (select braid_my_boards('commissioner')) and written_by = braid_username()
    and exists (select 1 from braid_boarditem i join braid_boardmeeting m on m.id = i.meeting_id
        where i.id = braid_boarddecision.item_id and i.board_id = braid_boarddecision.board_id
            and i.kind = 'decision' and i.taken_off_at is null
            and i.confidential = braid_boarddecision.confidential and m.state = 'quorate'));

create policy seen on braid_boardvote for select to braid_pages using (
    exists (select 1 from braid_boarddecision d where d.id = braid_boardvote.decision_id));
create policy cast_with_it on braid_boardvote for insert to braid_pages with check (
    exists (select 1 from braid_boarddecision d join braid_boarditem i on i.id = d.item_id
        join braid_boardmeeting m on m.id = i.meeting_id
        where d.id = braid_boardvote.decision_id and d.written_by = braid_username() and m.state = 'quorate'
            and d.board_id in (select braid_my_boards('commissioner'))));

create policy seen on braid_decisionlink for select to braid_pages using (
    exists (select 1 from braid_boarddecision d where d.id = braid_decisionlink.decision_id));
create policy added on braid_decisionlink for insert to braid_pages with check (
    written_by = braid_username()
    and exists (select 1 from braid_boarddecision d where d.id = braid_decisionlink.decision_id
        and d.board_id in (select braid_my_boards('commissioner'))));

create policy seen on braid_boardaction for select to braid_pages using (
    exists (select 1 from braid_boarditem i where i.id = braid_boardaction.item_id));
create policy asked on braid_boardaction for insert to braid_pages with check (
    written_by = braid_username() and state = 'open' and board_id in (select braid_my_boards('commissioner'))
    and exists (select 1 from braid_boarditem i join braid_boardmeeting m on m.id = i.meeting_id
        where i.id = braid_boardaction.item_id and i.board_id = braid_boardaction.board_id
            and m.state in ('quorate', 'inquorate', 'agreed'))
    and (decision_id is null or exists (select 1 from braid_boarddecision d
        where d.id = braid_boardaction.decision_id and d.item_id = braid_boardaction.item_id and d.carried)));
create policy chased on braid_boardaction for update to braid_pages
    using (state in ('open', 'reported') and board_id in (select braid_my_boards('any')))
    with check (
        board_id in (select braid_my_boards('any'))
        and (state <> 'reported' or reported_by = braid_username())
        and (state <> 'closed' or reported_by <> braid_username())
        and (state not in ('closed', 'dropped') or board_id in (select braid_my_boards('chair'))
            or (state = 'closed' and board_id in (select braid_my_boards('commissioner')))));

create policy seen on braid_boardactionstep for select to braid_pages using (
    exists (select 1 from braid_boardaction a where a.id = braid_boardactionstep.action_id));
create policy taken on braid_boardactionstep for insert to braid_pages with check (
    taken_by = braid_username()
    and exists (select 1 from braid_boardaction a where a.id = braid_boardactionstep.action_id
        and a.board_id in (select braid_my_boards('any'))));

create policy seen on braid_boardrisk for select to braid_pages using ((select braid_governs()));
create policy written on braid_boardrisk for insert to braid_pages with check (
    board_id in (select braid_my_boards('commissioner')) and written_by = braid_username() and closed_at is null);
create policy closed on braid_boardrisk for update to braid_pages
    using (board_id in (select braid_my_boards('commissioner')) and closed_at is null)
    with check (board_id in (select braid_my_boards('commissioner')));

create policy seen on braid_boardriskrating for select to braid_pages using (
    exists (select 1 from braid_boardrisk r where r.id = braid_boardriskrating.risk_id));
create policy rated on braid_boardriskrating for insert to braid_pages with check (
    rated_by = braid_username()
    and exists (select 1 from braid_boardrisk r where r.id = braid_boardriskrating.risk_id and r.closed_at is null
        and r.board_id in (select braid_my_boards('commissioner'))));

-- A priority follows the decision that made it, and only a decision of the same board that was carried makes or ends one.
create policy seen on braid_boardpriority for select to braid_pages using (
    exists (select 1 from braid_boarddecision d where d.id = braid_boardpriority.decision_id));
create policy decided on braid_boardpriority for insert to braid_pages with check (
    board_id in (select braid_my_boards('commissioner')) and written_by = braid_username()
    and exists (select 1 from braid_boarddecision d where d.id = braid_boardpriority.decision_id
        and d.board_id = braid_boardpriority.board_id and d.carried));
create policy seen on braid_boardpriorityend for select to braid_pages using (
    exists (select 1 from braid_boarddecision d where d.id = braid_boardpriorityend.decision_id));
create policy decided on braid_boardpriorityend for insert to braid_pages with check (
    written_by = braid_username()
    and exists (select 1 from braid_boardpriority p join braid_boarddecision d on d.board_id = p.board_id
        where p.id = braid_boardpriorityend.priority_id and d.id = braid_boardpriorityend.decision_id and d.carried
            and p.board_id in (select braid_my_boards('commissioner'))));
