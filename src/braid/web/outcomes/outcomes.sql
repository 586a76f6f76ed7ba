-- Outcomes: figures of the place as they were published, for whose role governs, for no purpose and about nobody.

create or replace function braid_governs() returns boolean language plpgsql stable
    as $$ begin
        return exists (select 1 from braid_user u join braid_roleright r on r.role = u.role
            where u.username = braid_username() and u.is_active and r.kind = 'governance');
    end $$;

create policy seen on braid_outcomeframework for select to braid_pages using ((select braid_governs()));
create policy seen on braid_outcomedefinition for select to braid_pages using ((select braid_governs()));
create policy seen on braid_outcomefigure for select to braid_pages using ((select braid_governs()));
