-- What lists of boards have in common: bands and shares that went through disclosure control before they came here. Read by
-- whose role governs; written by the owner alone. By which remits they were cut is for the owner.

create or replace function braid_governs() returns boolean language plpgsql stable
    as $$ begin
        return exists (select 1 from braid_user u join braid_roleright r on r.role = u.role
            where u.username = braid_username() and u.is_active and r.kind = 'governance');
    end $$;

create policy seen on braid_boardremit for select to braid_pages using ((select braid_governs()));
create policy seen on braid_boardoverlap for select to braid_pages using ((select braid_governs()));
create policy seen on braid_boardwaitshare for select to braid_pages using ((select braid_governs()));
