-- Readiness, moves and the response to whoever was harmed. Every row is of a case, and is there for who takes part in it.

-- What this human's seat is shown of each side of their cases, by what the case type opens: whoever is apart, whoever was
-- harmed, and what happened to them.
create or replace function braid_my_sides()
    returns table (case_id uuid, rights varchar, sees_apart boolean, sees_harmed boolean, sees_incident boolean)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return query
            select c.case_id, c.rights, coalesce(bool_or(o.apart), false), coalesce(bool_or(not o.apart), false),
                coalesce(bool_or(not o.apart and o.question = 'incidents'), false)
            from braid_my_cases() c join braid_jointcase j on j.id = c.case_id
            left join braid_caseopening o on o.case_type = j.case_type and o.agency = c.agency
            where c.sight = 'whole'
            group by c.case_id, c.rights;
    end $$;

-- An action about whoever is apart is there for the team that owns it, and for seats that are shown anything of them.
create policy of_the_apart on braid_careaction as restrictive for all to braid_pages using (
    strand <> 'apart' or team_id in (select t.team_id from braid_my_teams() t)
    or case_id in (select s.case_id from braid_my_sides() s where s.sees_apart));

-- Every other action is there for the team that owns it, for the lead, and for seats that are shown anything of the others.
create policy of_the_others on braid_careaction as restrictive for select to braid_pages using (
    strand = 'apart' or team_id in (select t.team_id from braid_my_teams() t)
    or case_id in (select s.case_id from braid_my_sides() s where s.sees_harmed)
    or case_id in (select c.case_id from braid_my_cases() c where c.is_lead));

-- That somebody does not agree is of the side of what was decided, and is said by who is shown that.
create or replace function braid_my_decided() returns setof uuid
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return query
            select i.id from braid_agendaitem i join braid_my_sides() s on s.case_id = i.case_id
                where i.state = 'decided'
                    and ((i.apart and s.sees_apart) or (not i.apart and s.sees_harmed));
    end $$;
create policy seen on braid_dissent for select to braid_pages using (
    item_id in (select braid_my_decided()));
create policy recorded on braid_dissent for insert to braid_pages with check (
    recorded_by = braid_username()
    and organisation = (select braid_my_organisation())
    and item_id in (select braid_my_decided())
    and exists (select 1 from braid_agendaitem i join braid_my_cases() c on c.case_id = i.case_id
        where i.id = braid_dissent.item_id and c.rights = 'edit' and c.sight = 'whole'));

create policy seen on braid_readinessday for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c));
create policy written on braid_readinessday for insert to braid_pages with check (
    set_by = braid_username() and case_id in (select c.case_id from braid_my_cases() c where c.is_lead));
create policy changed on braid_readinessday for update to braid_pages
    using (case_id in (select c.case_id from braid_my_cases() c where c.is_lead))
    with check (set_by = braid_username());

-- A restricted member sees the items of their own seat.
create policy seen on braid_casereadiness for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c
        where c.sight = 'whole' or c.agency = braid_casereadiness.agency));
create policy written on braid_casereadiness for insert to braid_pages with check (
    changed_by = braid_username() and case_id in (select c.case_id from braid_my_cases() c
        where c.rights = 'edit' and (c.is_lead or c.agency = braid_casereadiness.agency)));
create policy changed on braid_casereadiness for update to braid_pages
    using (case_id in (select c.case_id from braid_my_cases() c
        where c.rights = 'edit' and (c.is_lead or c.agency = braid_casereadiness.agency)))
    with check (changed_by = braid_username());

create policy seen on braid_unreadydecision for select to braid_pages using (
    item_id in (select braid_my_decided()));
create policy written on braid_unreadydecision for insert to braid_pages with check (
    written_by = braid_username() and exists (
        select 1 from braid_agendaitem i join braid_my_cases() c on c.case_id = i.case_id
        where i.id = braid_unreadydecision.item_id and c.rights = 'edit' and c.sight = 'whole'
            and i.meeting_id in (select m.meeting_id from braid_my_meetings() m where m.is_chair)));

create policy seen on braid_plannedmove for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c where c.sight = 'whole'));
create policy planned on braid_plannedmove for insert to braid_pages with check (
    made_by = braid_username() and state = 'planned'
    and case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit' and c.sight = 'whole'));
create policy changed on braid_plannedmove for update to braid_pages
    using (case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit' and c.sight = 'whole'))
    with check (true);

create policy seen on braid_mover for select to braid_pages using (
    exists (select 1 from braid_plannedmove p where p.id = braid_mover.move_id));
create policy added on braid_mover for insert to braid_pages with check (
    exists (select 1 from braid_plannedmove p join braid_casesubject s on s.case_id = p.case_id
        where p.id = braid_mover.move_id and p.made_by = braid_username() and s.person_id = braid_mover.person_id
            and s.ended_at is null));
create policy not_hidden on braid_mover as restrictive for all to braid_pages using (
    person_id not in (select person_id from braid_hidden));

create policy seen on braid_movenotice for select to braid_pages using (
    exists (select 1 from braid_plannedmove p where p.id = braid_movenotice.move_id));
create policy made on braid_movenotice for insert to braid_pages with check (
    changed_by = braid_username() and state = 'open'
    and exists (select 1 from braid_plannedmove p join braid_my_cases() c on c.case_id = p.case_id
        where p.id = braid_movenotice.move_id and c.rights = 'edit'));
create policy changed on braid_movenotice for update to braid_pages
    using (exists (select 1 from braid_plannedmove p join braid_my_cases() c on c.case_id = p.case_id
        where p.id = braid_movenotice.move_id and c.rights = 'edit'))
    with check (changed_by = braid_username());

-- What happened is there for seats that are shown it; the other clocks for whoever is shown anything of the harmed.
create policy seen on braid_responseevent for select to braid_pages using (
    case_id in (select s.case_id from braid_my_sides() s
        where s.sees_incident or (s.sees_harmed and braid_responseevent.kind <> 'incident')));
create policy entered on braid_responseevent for insert to braid_pages with check (
    entered_by = braid_username() and ended_on is null
    and case_id in (select s.case_id from braid_my_sides() s where s.rights = 'edit'
        and (s.sees_incident or (s.sees_harmed and braid_responseevent.kind <> 'incident'))));
create policy ended on braid_responseevent for update to braid_pages
    using (case_id in (select s.case_id from braid_my_sides() s where s.rights = 'edit' and s.sees_harmed))
    with check (ended_on is not null);
