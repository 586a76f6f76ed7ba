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

create policy seen on braid_readinessday for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c));
-- The lead writes the day down, or the court's own seat; one that does not hold any more stays, with who ended it and why.
create policy written on braid_readinessday for insert to braid_pages with check (
    set_by = braid_username() and ended_at is null
    and case_id in (select c.case_id from braid_my_cases() c where c.is_lead
        or (c.rights = 'edit' and c.sight = 'whole' and exists (
            select 1 from braid_jointcase j join braid_caseopening o on o.case_type = j.case_type
            where j.id = c.case_id and o.agency = c.agency and o.lists))));
create policy ended on braid_readinessday for update to braid_pages
    using (ended_at is null and case_id in (select c.case_id from braid_my_cases() c where c.is_lead
        or (c.rights = 'edit' and c.sight = 'whole' and exists (
            select 1 from braid_jointcase j join braid_caseopening o on o.case_type = j.case_type
            where j.id = c.case_id and o.agency = c.agency and o.lists))))
    with check (ended_at is not null and ended_by = braid_username());

-- A restricted member sees the items of their own seat.
create policy seen on braid_casereadiness for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c
        where c.sight = 'whole' or c.agency = braid_casereadiness.agency));
create policy written on braid_casereadiness for insert to braid_pages with check (
    changed_by = braid_username() and case_id in (select c.case_id from braid_my_cases() c
        where c.rights = 'edit' and (c.is_lead or c.agency = braid_casereadiness.agency)));
-- That a required item is not needed is asked by one seat and agreed by another: nobody agrees to what their own seat asked.
create policy changed on braid_casereadiness for update to braid_pages
    using (case_id in (select c.case_id from braid_my_cases() c
        where c.rights = 'edit' and (c.is_lead or c.agency = braid_casereadiness.agency
            or (braid_casereadiness.state = 'to_agree' and c.sight = 'whole'
                and c.agency <> braid_casereadiness.asked_by_agency))))
    with check (changed_by = braid_username()
        and (state <> 'not_needed' or asked_by_agency = '' or case_id in (select c.case_id from braid_my_cases() c
            where c.agency <> braid_casereadiness.asked_by_agency)));

create policy seen on braid_unreadydecision for select to braid_pages using (
    exists (select 1 from braid_agendaitem i join braid_my_cases() c on c.case_id = i.case_id
        where i.id = braid_unreadydecision.item_id and c.sight = 'whole'));
create policy written on braid_unreadydecision for insert to braid_pages with check (
    written_by = braid_username() and exists (select 1 from braid_agendaitem i
        where i.id = braid_unreadydecision.item_id
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
    and (mover_id is null or exists (
        select 1 from braid_mover m where m.id = braid_movenotice.mover_id and m.move_id = braid_movenotice.move_id))
    and exists (select 1 from braid_plannedmove p join braid_my_cases() c on c.case_id = p.case_id
        where p.id = braid_movenotice.move_id and c.rights = 'edit'));
create policy changed on braid_movenotice for update to braid_pages
    using (exists (select 1 from braid_plannedmove p join braid_my_cases() c on c.case_id = p.case_id
        where p.id = braid_movenotice.move_id and c.rights = 'edit'))
    with check (changed_by = braid_username());

-- What stood before a correction is read by whoever reads the move, added by whoever corrects it, and changed by nobody.
create policy seen on braid_movecorrection for select to braid_pages using (
    exists (select 1 from braid_plannedmove p where p.id = braid_movecorrection.move_id));
create policy added on braid_movecorrection for insert to braid_pages with check (
    corrected_by = braid_username()
    and exists (select 1 from braid_plannedmove p join braid_my_cases() c on c.case_id = p.case_id
        where p.id = braid_movecorrection.move_id and c.rights = 'edit')
    and (notice_id is null or exists (
        select 1 from braid_movenotice n
        where n.id = braid_movecorrection.notice_id and n.move_id = braid_movecorrection.move_id)));

-- How the message of a notice stands, for who works on its case whoever wrote it; with `take_back` it is taken back while it
-- waits, since what may not leave any more must not wait for its author. Answers 'none', 'waits', 'taken_back', or 'left' with
-- the day. What was refused or failed leaves no more: it is 'none'. The postman holds the message while it delivers.
create or replace function braid_stop_notice(wanted uuid, take_back boolean)
    returns table (stands varchar, left_on date)
    language plpgsql volatile security definer set search_path = public, pg_temp
    as $$
    declare
        carried uuid;
        waits boolean;
    begin
        carried := (
            select n.message_id from braid_movenotice n join braid_plannedmove p on p.id = n.move_id
                join braid_my_cases() c on c.case_id = p.case_id
                where n.id = wanted and c.rights = 'edit' and c.sight = 'whole');
        if carried is null then
            return query select 'none'::varchar, null::date;
            return;
        end if;
        perform 1 from braid_outboxmessage m where m.id = carried for update;
        left_on := (select (max(r.delivered_at) at time zone 'Europe/London')::date from braid_outboxrecipient r
            where r.message_id = carried);
        if left_on is not null then
            return query select 'left'::varchar, left_on;
            return;
        end if;
        waits := exists (select 1 from braid_outboxmessage m where m.id = carried and m.state = 'queued');
        if waits and take_back then
            update braid_outboxmessage m set state = 'cancelled', ended_at = statement_timestamp(), key_id = '',
                wrapped = '', sealed = '' where m.id = carried;
        end if;
        return query select case when not waits then 'none' when take_back then 'taken_back' else 'waits' end::varchar,
            null::date;
    end $$;

-- A message that is taken back, by its author from any page, by whoever works on the case or with a lost key, leaves its notice
-- open again: nobody goes on waiting for what never leaves.
create or replace function braid_reopen_notice() returns trigger language plpgsql security definer
    set search_path = public, pg_temp
    as $$ begin
        update braid_movenotice n set state = 'open' where n.message_id = new.id and n.state = 'handed_over';
        return null;
    end $$;
create or replace trigger reopen_notice after update of state on braid_outboxmessage
    for each row when (new.state = 'cancelled' and old.state <> 'cancelled') execute function braid_reopen_notice();

-- What happened is there for seats that are shown it; the other clocks for whoever is shown anything of the harmed.
create policy seen on braid_responseevent for select to braid_pages using (
    case_id in (select s.case_id from braid_my_sides() s
        where s.sees_incident or (s.sees_harmed and braid_responseevent.kind <> 'incident')));
create policy entered on braid_responseevent for insert to braid_pages with check (
    entered_by = braid_username() and ended_on is null
    and case_id in (select s.case_id from braid_my_sides() s where s.rights = 'edit'
        and (s.sees_incident or (s.sees_harmed and braid_responseevent.kind <> 'incident'))));
create policy ended on braid_responseevent for update to braid_pages
    using (wrong_at is null and case_id in (select s.case_id from braid_my_sides() s
        where s.rights = 'edit' and s.sees_harmed and (s.sees_incident or braid_responseevent.kind <> 'incident')))
    with check ((ended_on is not null and wrong_at is null) or (wrong_at is not null and wrong_by = braid_username()));
