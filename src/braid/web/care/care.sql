-- The joint response: a referral is seen by who sent it and by the team it went to, a case by who takes part, and only
-- while an agreement of the purpose opens joint work to their organisation. A case about anybody who is kept from this
-- human is not there for them, whatever their seat. Functions with the owner's rights say once what is whose: the
-- policies of these tables ask each other, and would never end.

create or replace function braid_works_jointly() returns boolean language plpgsql stable
    as $$ begin
        return exists (select 1 from braid_my_flow f
                where f.purpose = braid_purpose() and f.provider = '' and f.item = 'joint_case')
            and exists (select 1 from braid_my_right r where r.kind = 'purpose' and r.value = braid_purpose());
    end $$;

-- Where this human works.
create or replace function braid_my_organisation() returns varchar language sql stable
    as $$ select u.organisation from braid_user u where u.username = braid_username() and u.is_active $$;

-- The teams of this human, and whether they lead them.
create or replace function braid_my_teams() returns table (team_id varchar, is_lead boolean)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return query select t.team_id, t.is_lead from braid_teammember t join braid_user u on u.username = t.username
            where t.username = braid_username() and t.ended_at is null and u.is_active
                and braid_asks_rightly(u.id, u.is_system);
    end $$;

create or replace function braid_my_cases()
    returns table (case_id uuid, agency varchar, rights varchar, sight varchar, is_lead boolean)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    #variable_conflict use_column
    begin
        if not braid_works_jointly() then
            return;
        end if;
        return query
            with
            mine as materialized (
                select m.case_id, m.agency, m."right", m.sight, m.is_lead from braid_casemember m
                    join braid_jointcase c on c.id = m.case_id
                    where m.username = braid_username() and m.left_at is null and c.purpose = braid_purpose()),
            -- Of these people alone, and of all at once: every policy here asks, and the place keeps many from many.
            about as materialized (
                select s.case_id, s.person_id from braid_casesubject s
                    where s.case_id = any (array(select o.case_id from mine o)) and s.ended_at is null),
            away as materialized (
                select k.person_id from braid_kept_away k
                    where k.person_id = any (array(select a.person_id from about a)))
            select o.case_id, o.agency, o."right", o.sight, o.is_lead from mine o
                where o.case_id not in (
                    select a.case_id from about a where a.person_id in (select w.person_id from away w));
    end $$;

-- Cases about anybody who is kept from this human: not there for them in any way, an offer of one neither.
create or replace function braid_hidden_cases() returns setof uuid language sql stable security definer
    set search_path = public, pg_temp
    as $$ select s.case_id from braid_casesubject s where s.ended_at is null
        and s.person_id in (select h.person_id from braid_hidden_people() as h (person_id)) $$;

-- Cases that this human opened and that nobody takes part in yet: theirs to lead.
create or replace function braid_my_new_cases() returns setof uuid language sql stable security definer
    set search_path = public, pg_temp
    as $$ select c.id from braid_jointcase c where c.opened_by = braid_username()
        and not exists (select 1 from braid_casemember m where m.case_id = c.id) $$;

-- Whom the cases that this human leads are about: they bring them into another case of theirs, parted or merged.
create or replace function braid_my_subjects() returns setof varchar language plpgsql stable security definer
    set search_path = public, pg_temp
    as $$ begin
        return query select s.person_id from braid_casesubject s join braid_my_cases() c on c.case_id = s.case_id
            where c.is_lead and s.ended_at is null and s.person_id <> '';
    end $$;

-- Cases whose lead is of a team that this human leads, or was last: theirs to stand in for, while the lead is away or gone.
-- Nobody who may act leads one that is stuck: its lead is gone, or is kept from whom it is about. Which, is not said.
create or replace function braid_cases_to_stand_in()
    returns table (case_id uuid, reference varchar, case_type varchar, lead varchar, agency varchar, team_id varchar,
        is_stuck boolean)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare mine varchar := braid_my_organisation();
    begin
        if not braid_works_jointly() then
            return;
        end if;
        return query
            select distinct on (c.id) c.id, c.reference, c.case_type, m.username, m.agency, t.team_id,
                coalesce(not u.is_active or u.organisation <> m.organisation, true)
                    or exists (select 1 from braid_casesubject s where s.case_id = c.id and s.ended_at is null and (
                        exists (select 1 from braid_barred b
                            where b.person_id = s.person_id and b.username = m.username)
                        or exists (select 1 from braid_admitted a where a.person_id = s.person_id)
                            and not exists (select 1 from braid_admitted a
                                where a.person_id = s.person_id and a.username = m.username)))
            from braid_jointcase c join braid_casemember m on m.case_id = c.id and m.is_lead and m.left_at is null
                left join braid_user u on u.username = m.username
                join braid_teammember t on t.username = m.username
                    and coalesce(t.ended_at, 'infinity') = (
                        select max(coalesce(l.ended_at, 'infinity')) from braid_teammember l
                        where l.username = m.username)
                join braid_my_teams() led on led.team_id = t.team_id and led.is_lead
            where c.state <> 'merged' and c.purpose = braid_purpose() and m.organisation = mine
                and m.username <> braid_username() and c.id not in (select braid_hidden_cases())
            order by c.id, t.team_id;
    end $$;

-- Meetings of this human: one they chair, or with a case of theirs on the agenda; to a coordinator those of their
-- organisation too, of which one whose chair is gone needs another. A meeting says nothing of anybody.
create or replace function braid_my_meetings() returns table (meeting_id uuid, is_chair boolean)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare mine varchar := braid_my_organisation();
    begin
        if not braid_works_jointly() then
            return;
        end if;
        return query
            select g.id, g.chair = braid_username() from braid_meeting g
                where g.purpose = braid_purpose() and (g.chair = braid_username()
                    or g.organisation = mine and braid_has_right('coordinates', 'yes')
                    or exists (
                    select 1 from braid_agendaitem i where i.meeting_id = g.id and i.state <> 'taken_off'
                        and i.case_id in (select c.case_id from braid_my_cases() c)));
    end $$;

-- The chair moves a meeting: whatever is still asked for is due by the new time, of cases in which they take no part too.
create or replace function braid_returns_due(wanted uuid, by_then timestamptz) returns void
    language plpgsql security definer set search_path = public, pg_temp
    as $$ begin
        update braid_meetingreturn r set due_at = by_then, version = r.version + 1
            from braid_agendaitem i join braid_meeting g on g.id = i.meeting_id
            where r.item_id = i.id and g.id = wanted and r.state = 'asked' and g.state in ('planned', 'gathering')
                and g.id in (select m.meeting_id from braid_my_meetings() m where m.is_chair);
    end $$;

-- Lines of returns that this human reads: their agency's own; and others' where phase, seat and decision all open them.
-- An independent view that stood when the meeting began stays readable beside the one that replaced it, until the agency
-- withholds the answer.
create or replace function braid_shared_lines() returns setof uuid
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare mine varchar := braid_my_organisation();
    begin
        return query
            select l.id from braid_returnline l join braid_meetingreturn r on r.id = l.source_id
                join braid_agendaitem i on i.id = r.item_id join braid_meeting g on g.id = i.meeting_id
                join braid_my_cases() c on c.case_id = i.case_id
                where (r.organisation = mine and r.agency = c.agency)
                    or (c.sight = 'whole' and g.state <> 'cancelled'
                        and exists (
                            select 1 from braid_caseopening o
                            where o.case_type = g.case_type and o.agency = c.agency and o.question = l.question
                                and o.part = l.part
                                and (not o.independent or g.state in ('in_session', 'held', 'agreed'))
                                and (l.ended_at is null
                                    or (o.independent and l.written_at < g.begun_at and g.begun_at <= l.ended_at)))
                        and not exists (
                            select 1 from braid_returnline n join braid_sharedecision w on w.line_id = n.id
                            where n.source_id = l.source_id and n.question = l.question and n.part = l.part
                                and n.ended_at is null and w.outcome = 'withheld' and w.receiver = mine)
                        and exists (
                            select 1 from braid_sharedecision d
                            where d.line_id = l.id and d.outcome = 'shared' and d.receiver = mine));
    end $$;

-- Which organisations fill which seats of a case of this human: to whom a line may go is known by whoever decides that,
-- also by a restricted member, who finds nobody else by name.
create or replace function braid_at_table(wanted uuid) returns table (organisation varchar, agency varchar)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return query
            select distinct m.organisation, m.agency from braid_casemember m
                where m.case_id = wanted and m.left_at is null
                    and m.case_id in (select c.case_id from braid_my_cases() c);
    end $$;

-- Which words of which cases on an agenda this human's seat is shown, by the part they are about. Words about everybody (`*`, or
-- no part) are for a seat that is shown something of each part that anybody is shown.
create or replace function braid_my_words() returns table (item_id uuid, about varchar)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return query
            with
            mine as materialized (
                select i.id, j.case_type, c.agency from braid_my_cases() c join braid_jointcase j on j.id = c.case_id
                    join braid_agendaitem i on i.case_id = c.case_id
                    where c.sight = 'whole'),
            -- What is shown depends on the kind of case and the seat: these are few, however many cases there are.
            shown as materialized (
                select distinct o.case_type, o.agency, o.part from braid_caseopening o
                    where (o.case_type, o.agency) in (select m.case_type, m.agency from mine m)),
            all_of as (
                select s.case_type, s.agency from shown s group by s.case_type, s.agency
                    having count(*) = (
                        select count(distinct o.part) from braid_caseopening o where o.case_type = s.case_type))
            select m.id, s.part from mine m join shown s on s.case_type = m.case_type and s.agency = m.agency
            union all
            select m.id, e.code::varchar from mine m join all_of a on a.case_type = m.case_type and a.agency = m.agency
                cross join (values ('*'), ('')) as e (code);
    end $$;

-- Which seats this human has on which agendas.
create or replace function braid_my_item_seats() returns table (item_id uuid, agency varchar)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return query select i.id, c.agency from braid_my_cases() c join braid_agendaitem i on i.case_id = c.case_id;
    end $$;

create policy seen on braid_referral for select to braid_pages using (
    purpose = (select braid_purpose()) and (select braid_works_jointly())
    and (sent_by = braid_username() or team_id in (select t.team_id from braid_my_teams() t)));
-- The lead of whoever sent it takes back what they left behind.
create policy seen_by_leads on braid_referral for select to braid_pages using (
    purpose = (select braid_purpose()) and (select braid_works_jointly())
    and sent_from = (select braid_my_organisation())
    and sent_by in (select m.username from braid_teammember m where m.team_id in (
        select t.team_id from braid_my_teams() t where t.is_lead)));
create policy sent on braid_referral for insert to braid_pages with check (
    sent_by = braid_username() and purpose = (select braid_purpose()) and state = 'pending'
    and (select braid_works_jointly())
    and exists (select 1 from braid_personwait w where w.person_id = braid_referral.person_id));
-- Whoever changes it has answered it; a colleague of theirs says by which day it is looked at again.
create policy answered on braid_referral for update to braid_pages
    using (state in ('pending', 'accepted')) with check (answered_by = braid_username()
        or (state = 'accepted' and team_id in (select t.team_id from braid_my_teams() t)));
create policy not_hidden on braid_referral as restrictive for all to braid_pages using (
    person_id not in (select person_id from braid_hidden));

create policy seen on braid_jointcase for select to braid_pages using (
    id in (select c.case_id from braid_my_cases() c));
create policy opened on braid_jointcase for insert to braid_pages with check (
    opened_by = braid_username() and purpose = (select braid_purpose()) and state = 'open'
    and (select braid_works_jointly()));
create policy changed on braid_jointcase for update to braid_pages
    using (id in (select c.case_id from braid_my_cases() c where c.rights = 'edit')) with check (true);

-- Who takes part sees who else does; a restricted member their own seat and the lead. Somebody joins a case by themself,
-- when they open it or accept an offer; a colleague brings in a colleague.
create policy seen on braid_casemember for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c where c.sight = 'whole')
    or (is_lead and case_id in (select c.case_id from braid_my_cases() c))
    or (organisation = (select braid_my_organisation())
        and (case_id, agency) in (select c.case_id, c.agency from braid_my_cases() c)));
create policy joined on braid_casemember for insert to braid_pages with check (
    left_at is null
    and ((username = braid_username() and (
            exists (select 1 from braid_caseoffer o where o.case_id = braid_casemember.case_id and o.state = 'accepted'
                and o.answered_by = braid_username())
            or case_id in (select braid_my_new_cases())
            or case_id in (select s.case_id from braid_cases_to_stand_in() s)))
        or (case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit')
            and organisation = (select braid_my_organisation()))));
create policy changed on braid_casemember for update to braid_pages
    using (case_id in (select c.case_id from braid_my_cases() c)) with check (true);

create policy seen on braid_casesubject for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c));
create policy added on braid_casesubject for insert to braid_pages with check (
    added_by = braid_username() and ended_at is null
    and case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit')
    and (person_id = ''
        or exists (select 1 from braid_personwait w where w.person_id = braid_casesubject.person_id)
        or person_id in (select p.person_id from braid_my_subjects() as p (person_id))));
create policy ended on braid_casesubject for update to braid_pages
    using (case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit')) with check (true);
create policy not_hidden on braid_casesubject as restrictive for all to braid_pages using (
    person_id not in (select person_id from braid_hidden));

-- A wait of a case is there for whoever sees the wait itself: the policies of waits are asked.
create policy seen on braid_casewait for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c where c.sight = 'whole')
    and exists (select 1 from braid_personwait w where w.wait_id = braid_casewait.wait_id));
create policy added on braid_casewait for insert to braid_pages with check (
    added_by = braid_username() and ended_at is null
    and case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit' and c.sight = 'whole')
    and exists (select 1 from braid_personwait w where w.wait_id = braid_casewait.wait_id));
create policy ended on braid_casewait for update to braid_pages
    using (case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit' and c.sight = 'whole'))
    with check (ended_at is not null);

-- An offer tells the team the case's reference and type; whom it is about stays closed until somebody accepts.
create policy seen on braid_caseoffer for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c where c.sight = 'whole')
    or (purpose = (select braid_purpose()) and (select braid_works_jointly())
        and (state = 'offered' or answered_by = braid_username())
        and team_id in (select t.team_id from braid_my_teams() t)));
create policy not_hidden on braid_caseoffer as restrictive for all to braid_pages using (
    case_id not in (select braid_hidden_cases()));
create policy offered on braid_caseoffer for insert to braid_pages with check (
    offered_by = braid_username() and state = 'offered'
    and case_id in (select c.case_id from braid_my_cases() c where c.is_lead));
create policy answered on braid_caseoffer for update to braid_pages
    using (state = 'offered') with check (answered_by = braid_username());

-- An action is read by who takes part in the whole of the case or leads it; of whoever sees their own part, by those whose team
-- owns it. Who stands outside is told of its silence by `rising.sql`, and reads no word of it.
create policy seen on braid_careaction for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c where c.sight = 'whole' or c.is_lead)
    or (case_id in (select c.case_id from braid_my_cases() c)
        and team_id in (select t.team_id from braid_my_teams() t)));
create policy made on braid_careaction for insert to braid_pages with check (
    made_by = braid_username() and state = 'open'
    and case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit'));
create policy changed on braid_careaction for update to braid_pages
    using (case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit')) with check (true);

create policy seen on braid_meeting for select to braid_pages using (
    id in (select m.meeting_id from braid_my_meetings() m));
create policy planned on braid_meeting for insert to braid_pages with check (
    chair = braid_username() and purpose = (select braid_purpose()) and state = 'planned'
    and (select braid_works_jointly()));
create policy changed on braid_meeting for update to braid_pages
    using (chair = braid_username()
        or (organisation = (select braid_my_organisation())
            and (select braid_has_right('coordinates', 'yes'))))
    with check (chair = braid_username());

create policy seen on braid_agendaitem for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c));
create policy listed on braid_agendaitem for insert to braid_pages with check (
    state = 'listed' and case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit')
    and meeting_id in (select m.meeting_id from braid_my_meetings() m where m.is_chair));
-- The chair packs the agenda; what becomes of a case is for a chair who works on the whole of it.
create policy changed on braid_agendaitem for update to braid_pages
    using (case_id in (select c.case_id from braid_my_cases() c)
        and meeting_id in (select m.meeting_id from braid_my_meetings() m where m.is_chair))
    with check (state = 'listed'
        or case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit' and c.sight = 'whole'));

create policy seen on braid_meetingreturn for select to braid_pages using (
    exists (select 1 from braid_agendaitem i join braid_my_cases() c on c.case_id = i.case_id
        where i.id = braid_meetingreturn.item_id
            and (c.sight = 'whole' or braid_meetingreturn.agency = c.agency)));
-- The chair asks; whoever joins once returns were asked for is asked by joining.
create policy asked on braid_meetingreturn for insert to braid_pages with check (
    state = 'asked' and exists (select 1 from braid_agendaitem i where i.id = braid_meetingreturn.item_id
        and (i.meeting_id in (select m.meeting_id from braid_my_meetings() m where m.is_chair)
            or (braid_meetingreturn.organisation = (select braid_my_organisation())
                and exists (select 1 from braid_my_cases() c
                    where c.case_id = i.case_id and c.agency = braid_meetingreturn.agency)
                and exists (select 1 from braid_meeting g
                    where g.id = i.meeting_id and g.state in ('gathering', 'in_session'))))));
create policy answered on braid_meetingreturn for update to braid_pages
    using (organisation = (select braid_my_organisation())
        and exists (select 1 from braid_agendaitem i join braid_my_cases() c on c.case_id = i.case_id
            where i.id = braid_meetingreturn.item_id and c.rights = 'edit'
                and c.agency = braid_meetingreturn.agency))
    with check (answered_by = braid_username());

create policy seen on braid_returnline for select to braid_pages using (id in (select braid_shared_lines()));
create policy written on braid_returnline for insert to braid_pages with check (
    written_by = braid_username() and ended_at is null
    and exists (select 1 from braid_meetingreturn r join braid_agendaitem i on i.id = r.item_id
        join braid_my_cases() c on c.case_id = i.case_id
        where r.id = braid_returnline.source_id and c.rights = 'edit' and c.agency = r.agency
            and r.organisation = (select braid_my_organisation())));
create policy ended on braid_returnline for update to braid_pages
    using (exists (select 1 from braid_meetingreturn r where r.id = braid_returnline.source_id
        and r.organisation = (select braid_my_organisation())))
    with check (ended_at is not null);

create policy seen on braid_attendance for select to braid_pages using (
    meeting_id in (select m.meeting_id from braid_my_meetings() m));
create policy written on braid_attendance for insert to braid_pages with check (
    written_by = braid_username() and meeting_id in (select m.meeting_id from braid_my_meetings() m where m.is_chair));
create policy changed on braid_attendance for update to braid_pages
    using (meeting_id in (select m.meeting_id from braid_my_meetings() m where m.is_chair))
    with check (written_by = braid_username());

create policy seen on braid_agencynote for select to braid_pages using (
    (item_id, about) in (select w.item_id, w.about from braid_my_words() w)
    or (organisation = (select braid_my_organisation())
        and (item_id, agency) in (select s.item_id, s.agency from braid_my_item_seats() s)));
create policy written on braid_agencynote for insert to braid_pages with check (
    written_by = braid_username()
    and exists (select 1 from braid_agendaitem i join braid_my_cases() c on c.case_id = i.case_id
        join braid_meeting g on g.id = i.meeting_id
        where i.id = braid_agencynote.item_id and c.rights = 'edit' and c.agency = braid_agencynote.agency
            and g.state in ('in_session', 'held')));

-- Minutes are corrected from the end of the meeting until they are agreed, by an agency that takes part in the case.
create policy seen on braid_minutesamendment for select to braid_pages using (
    (item_id, about) in (select w.item_id, w.about from braid_my_words() w)
    or (organisation = (select braid_my_organisation())
        and (item_id, agency) in (select s.item_id, s.agency from braid_my_item_seats() s)));
create policy written on braid_minutesamendment for insert to braid_pages with check (
    written_by = braid_username()
    and organisation = (select braid_my_organisation())
    and exists (select 1 from braid_agendaitem i join braid_my_cases() c on c.case_id = i.case_id
        join braid_meeting g on g.id = i.meeting_id
        where i.id = braid_minutesamendment.item_id and c.rights = 'edit' and c.agency = braid_minutesamendment.agency
            and g.state = 'held'));

-- Agreed minutes do not change: nothing that stands in them is added, changed or removed, by their owner neither. The one
-- exception is the sweep, years after the case closed: it puts one sentence in the place of words, and changes no more.
create or replace function braid_keep_minutes() returns trigger language plpgsql as $$
    declare
        line jsonb := to_jsonb(coalesce(new, old));
        wanted uuid := line ->> 'meeting_id';
    begin
        if wanted is null then
            wanted := (select i.meeting_id from braid_agendaitem i where i.id = (line ->> 'item_id')::uuid);
        end if;
        if tg_op = 'UPDATE' and current_user <> 'braid_pages'
            and to_jsonb(new) - array['words', 'reason'] = to_jsonb(old) - array['words', 'reason']
            and coalesce(to_jsonb(new) ->> 'words', to_jsonb(new) ->> 'reason') = nullif(current_setting('braid.swept_words', true), '')
        then
            return new;
        end if;
        if exists (select 1 from braid_meeting g where g.id = wanted and g.state = 'agreed') then
            raise exception 'agreed minutes do not change' using errcode = 'check_violation';
        end if;
        return coalesce(new, old);
    end $$;
create or replace trigger keep_minutes before insert or update or delete on braid_agendaitem
    for each row execute function braid_keep_minutes();
create or replace trigger keep_minutes before insert or update or delete on braid_attendance
    for each row execute function braid_keep_minutes();
create or replace trigger keep_minutes before insert or update or delete on braid_agencynote
    for each row execute function braid_keep_minutes();
create or replace trigger keep_minutes before insert or update or delete on braid_minutesamendment
    for each row execute function braid_keep_minutes();
create or replace trigger keep_minutes before insert or update or delete on braid_dissent
    for each row execute function braid_keep_minutes();
create or replace trigger keep_minutes before insert on braid_careaction
    for each row when (new.item_id is not null) execute function braid_keep_minutes();
create or replace function braid_keep_agreed() returns trigger language plpgsql as $$
    begin
        raise exception 'agreed minutes do not change' using errcode = 'check_violation';
    end $$;
create or replace trigger keep_agreed before update or delete on braid_meeting
    for each row when (old.state = 'agreed') execute function braid_keep_agreed();

-- A draft is read by whoever wrote it, for the organisation they wrote it for, while they take part in the case.
create policy seen on braid_draft for select to braid_pages using (
    username = braid_username()
    and organisation = (select braid_my_organisation())
    and exists (select 1 from braid_agendaitem i where i.id = braid_draft.item_id));
create policy kept on braid_draft for insert to braid_pages with check (
    username = braid_username()
    and organisation = (select braid_my_organisation())
    and exists (select 1 from braid_agendaitem i where i.id = braid_draft.item_id));
create policy changed on braid_draft for update to braid_pages
    using (username = braid_username()) with check (username = braid_username());
