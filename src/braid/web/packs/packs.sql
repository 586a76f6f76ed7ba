-- Board packs: a public one is open to whose role governs, a confidential one to the members of that board today alone, its
-- commissioner among them. A pack is kept by the commissioner of the board, in their own name, and never changed.

create policy seen on braid_boardpack for select to braid_pages using (
    (select braid_governs()) and (not is_confidential or board_id in (select braid_my_boards('any'))));
create policy made on braid_boardpack for insert to braid_pages with check (
    board_id in (select braid_my_boards('commissioner')) and made_by = braid_username()
    and (meeting_id is null or exists (select 1 from braid_boardmeeting m
        where m.id = braid_boardpack.meeting_id and m.board_id = braid_boardpack.board_id)));
