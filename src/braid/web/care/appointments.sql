-- The appointments of a case: the sheet of whoever was harmed for seats that are shown them, the one of where whoever is accused
-- will be for seats that are shown that side. To plan takes both: a function gives them, sealed, to who may plan.

create policy seen on braid_appointmentsheet for select to braid_pages using (
    exists (select 1 from braid_my_sides() s where s.case_id = braid_appointmentsheet.case_id
        and case braid_appointmentsheet.side when 'apart' then s.sees_apart else s.sees_harmed end));
create policy begun on braid_appointmentsheet for insert to braid_pages with check (
    changed_by = braid_username()
    and exists (select 1 from braid_my_sides() s join braid_jointcase c on c.id = s.case_id
        where s.case_id = braid_appointmentsheet.case_id and s.rights = 'edit' and c.state = 'open'
            and case braid_appointmentsheet.side when 'apart' then s.sees_apart else s.sees_harmed end));
create policy changed on braid_appointmentsheet for update to braid_pages
    using (exists (select 1 from braid_my_sides() s join braid_jointcase c on c.id = s.case_id
        where s.case_id = braid_appointmentsheet.case_id and s.rights = 'edit' and c.state = 'open'
            and case braid_appointmentsheet.side when 'apart' then s.sees_apart else s.sees_harmed end))
    with check (changed_by = braid_username());

create or replace function braid_whereabouts_to_plan(wanted uuid)
    returns table (sheet_id uuid, key_id varchar, wrapped bytea, sealed bytea)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return query
            select a.id, a.key_id, a.wrapped, a.sealed from braid_appointmentsheet a
                join braid_my_sides() s on s.case_id = a.case_id
                where a.case_id = wanted and a.side = 'apart' and s.sees_harmed;
    end $$;
