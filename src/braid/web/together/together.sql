-- What lists of boards have in common: bands and shares that went through disclosure control before they came here. Read by
-- whose role governs; written by the owner alone. By which remits they were cut is for the owner.

create policy seen on braid_boardremit for select to braid_pages using ((select braid_governs()));
create policy seen on braid_boardoverlap for select to braid_pages using ((select braid_governs()));
create policy seen on braid_boardwaitshare for select to braid_pages using ((select braid_governs()));
