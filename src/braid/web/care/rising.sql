-- Whose move everything is that waits, and to whom it has risen. Silence rises past the edge of a case: to whoever leads
-- the team that was asked, to whoever asked and leads them, and to coordinators of the place, whether they take part or not.
-- To them it is a kind and a reference: neither words nor names, and nothing of a case about anybody who is kept from them.
-- `page` is the row whose page this human may open, and empty for whoever stands outside. What is due when is reckoned by
-- `braid.care`, so `at`, `on_day` and `more` hold what its clocks begin with, and nothing of a person.

-- People who are of a team that this human leads, or were last: of whoever left or is gone the lead has what they leave.
create or replace function braid_led_people() returns setof varchar language sql stable security definer
    set search_path = public, pg_temp
    as $$ select distinct t.username from braid_teammember t join braid_my_teams() led on led.team_id = t.team_id
        where led.is_lead and coalesce(t.ended_at, 'infinity') = (
            select max(coalesce(l.ended_at, 'infinity')) from braid_teammember l where l.username = t.username) $$;

create or replace function braid_rising()
    returns table (kind varchar, id varchar, reference varchar, case_type varchar, at timestamptz, on_day date, more jsonb,
        is_asked boolean, leads_asked boolean, is_asker boolean, page uuid)
    language plpgsql stable security definer set search_path = public, pg_temp
    set plan_cache_mode = force_generic_plan -- planned for each human anew, it took longer to plan than to run
    as $$
    #variable_conflict use_column
    declare
        me varchar := braid_username();
        mine varchar := braid_my_organisation();
        wanted varchar := braid_purpose();
        coordinates boolean := braid_has_right('coordinates', 'yes');
        -- Whom this human asks for: themself and those whom they lead. To coordinators the askers' side is everybody's.
        theirs varchar[] := array(select l.username from braid_led_people() as l (username));
        ours varchar[] := theirs || me;
    begin
        if not braid_works_jointly() then
            return;
        end if;
        return query
            with
            my_team as materialized (select t.team_id, t.is_lead from braid_my_teams() t),
            my_case as materialized (select c.case_id, c.rights, c.sight from braid_my_cases() c),
            -- Nobody is there to be asked: then it is the asker's side's from its due time on, and not a day later.
            empty_team as materialized (
                select t.id from braid_team t where not exists (
                    select 1 from braid_teammember k join braid_user u on u.username = k.username and u.is_active
                    where k.team_id = t.id and k.ended_at is null)),
            joint as materialized (
                select c.id, c.reference, c.case_type, c.state, l.username as lead,
                    coalesce(l.username = me, false) as leads, coalesce(l.username = any (theirs), false) as led,
                    m.case_id as inside, coalesce(m.rights = 'edit' and m.sight = 'whole', false) as works
                from braid_jointcase c
                    left join braid_casemember l on l.case_id = c.id and l.is_lead and l.left_at is null
                    left join my_case m on m.case_id = c.id
                where c.purpose = wanted and c.id not in (select braid_hidden_cases())),
            -- Who sits in a seat; where nobody is left, who sat there.
            seat as materialized (
                select m.case_id, m.organisation, m.agency,
                    bool_or(m.username = me and m.left_at is null and m."right" = 'edit') as sits,
                    bool_or(m.username = any (theirs)) as led
                from braid_casemember m join joint c on c.id = m.case_id
                where m.left_at is null or not exists (
                    select 1 from braid_casemember o where o.case_id = m.case_id and o.organisation = m.organisation
                        and o.agency = m.agency and o.left_at is null)
                group by m.case_id, m.organisation, m.agency),
            meeting as materialized (
                select g.id, g.reference, g.case_type, g.state, g.chair, g.ended_at, g.starts_at,
                    g.starts_at + g.length_minutes * interval '1 minute' as ends_at,
                    g.id in (select y.meeting_id from braid_my_meetings() y) as inside
                from braid_meeting g where g.purpose = wanted),
            listing as (
                select i.case_id, i.id as item_id, i.state, i.review_on, g.state as meeting_state, g.chair, g.starts_at,
                    g.ends_at
                from braid_agendaitem i join meeting g on g.id = i.meeting_id),
            waiting (kind, id, reference, case_type, at, on_day, more, is_asked, leads_asked, asker, page) as (
                select 'referral', r.id::text, r.reference, '', r.due_at, null::date, null::jsonb,
                    t.team_id is not null, coalesce(t.is_lead, false)
                        or r.team_id in (select e.id from empty_team e) and (coordinates or r.sent_by = any (ours)),
                    r.sent_by,
                    case when t.team_id is not null or r.sent_by = me or (r.sent_by = any (theirs) and r.sent_from = mine)
                        then r.id end
                from braid_referral r left join my_team t on t.team_id = r.team_id
                where r.purpose = wanted and r.state = 'pending'
                    and r.person_id not in (select h.person_id from braid_hidden_people() as h (person_id))
                union all
                select 'look_again', r.id::text, r.reference, '', r.answered_at, r.look_again_on, null,
                    t.team_id is not null, coalesce(t.is_lead, false)
                        or r.team_id in (select e.id from empty_team e) and (coordinates or r.sent_by = any (ours)),
                    r.sent_by,
                    case when t.team_id is not null or r.sent_by = me or (r.sent_by = any (theirs) and r.sent_from = mine)
                        then r.id end
                from braid_referral r left join my_team t on t.team_id = r.team_id
                where r.purpose = wanted and r.state = 'accepted' and r.answered_at is not null
                    and r.person_id not in (select h.person_id from braid_hidden_people() as h (person_id))
                union all
                select 'offer', o.id::text, o.case_reference, o.case_type, o.due_at, null, null,
                    t.team_id is not null, coalesce(t.is_lead, false)
                        or o.team_id in (select e.id from empty_team e) and (coordinates or o.offered_by = any (ours)),
                    o.offered_by,
                    case when t.team_id is not null or c.inside is not null then o.id end
                from braid_caseoffer o join joint c on c.id = o.case_id left join my_team t on t.team_id = o.team_id
                where o.state = 'offered'
                union all
                select 'return', r.id::text, c.reference, c.case_type, r.due_at, null, null,
                    coalesce(s.sits, false), coalesce(s.led, false), g.chair, case when c.inside is not null then i.id end
                from braid_meetingreturn r join braid_agendaitem i on i.id = r.item_id and i.state <> 'taken_off'
                    join meeting g on g.id = i.meeting_id and g.state in ('gathering', 'in_session')
                    join joint c on c.id = i.case_id
                    left join seat s on s.case_id = c.id and s.organisation = r.organisation and s.agency = r.agency
                where r.state = 'asked'
                union all
                -- Whoever took it on has it while they are of the team; then the team has it again.
                select 'action', a.id::text, c.reference, c.case_type, null, a.due_on, null,
                    t.team_id is not null and (a.owner in ('', me) or not exists (
                        select 1 from braid_teammember k join braid_user u on u.username = k.username and u.is_active
                        where k.team_id = a.team_id and k.username = a.owner and k.ended_at is null)),
                    coalesce(t.is_lead, false)
                        or a.team_id in (select e.id from empty_team e) and (coordinates or a.made_by = any (ours)),
                    a.made_by, c.inside
                from braid_careaction a join joint c on c.id = a.case_id left join my_team t on t.team_id = a.team_id
                where a.state = 'open'
                union all
                select 'review', c.id::text, c.reference, c.case_type, null, null,
                    jsonb_agg(jsonb_build_object('state', l.state, 'meeting_state', l.meeting_state, 'review_on', l.review_on,
                        'starts_at', l.starts_at, 'ends_at', l.ends_at) order by l.starts_at, l.item_id),
                    c.leads, c.led, (array_agg(l.chair order by l.starts_at desc, l.item_id))[1], c.inside
                from joint c join listing l on l.case_id = c.id
                where c.state = 'open' group by c.id, c.reference, c.case_type, c.leads, c.led, c.inside
                union all
                select 'minutes', g.id::text, g.reference, g.case_type, g.ended_at, null, null,
                    g.chair = me, g.chair = any (theirs), '', case when g.inside then g.id end
                from meeting g where g.state = 'held' and g.ended_at is not null
                union all
                select 'meeting_to_hold', g.id::text, g.reference, g.case_type, g.ends_at, null, null,
                    g.chair = me, g.chair = any (theirs), '', case when g.inside then g.id end
                from meeting g where g.state in ('planned', 'gathering', 'in_session')
                union all
                select 'approval', a.id::text, c.reference, c.case_type, a.due_at, null, null,
                    coalesce(s.sits, false), coalesce(s.led, false), c.lead, c.inside
                from braid_planapproval a join braid_jointplan p on p.id = a.plan_id and p.round = a.round
                    join joint c on c.id = p.case_id
                    left join (select o.case_id, o.organisation, bool_or(o.sits) as sits, bool_or(o.led) as led
                        from seat o group by o.case_id, o.organisation) s
                        on s.case_id = c.id and s.organisation = a.organisation
                where a.state = 'asked' and p.state = 'proposed' and c.state = 'open'
                union all
                select 'plan_review', p.id::text, c.reference, c.case_type, null, p.review_on, null,
                    c.leads, c.led, p.made_by, c.inside
                from braid_jointplan p join joint c on c.id = p.case_id
                where p.state = 'approved' and p.review_on is not null and c.state = 'open'
                union all
                -- One row for a case: whose each item is, the kind of case says.
                select 'readiness', c.id::text, c.reference, c.case_type, null, d.day,
                    jsonb_build_object(
                        'kept', (select coalesce(jsonb_agg(jsonb_build_object('item', k.item, 'state', k.state, 'since', k.since,
                            'expected_on', k.expected_on)), '[]') from braid_casereadiness k where k.case_id = c.id),
                        'seats', (select coalesce(jsonb_object_agg(o.agency, jsonb_build_array(o.sits, o.led)), '{}')
                            from (select s.agency, bool_or(s.sits) as sits, bool_or(s.led) as led
                                from seat s where s.case_id = c.id group by s.agency) o)),
                    c.leads, c.led, c.lead, c.inside
                from joint c cross join lateral (
                    select coalesce(
                        (select r.day from braid_readinessday r where r.case_id = c.id and r.ended_at is null),
                        (select (min(l.starts_at) at time zone 'Europe/London')::date from listing l where l.case_id = c.id
                            and l.state = 'listed' and l.meeting_state in ('planned', 'gathering', 'in_session'))) as day) d
                where c.state = 'open' and d.day is not null
                    and (coordinates or c.lead = any (ours) or exists (
                        select 1 from seat s where s.case_id = c.id and (s.sits or s.led)))
                union all
                select 'notice', n.id::text, c.reference, c.case_type, null, p.planned_on,
                    jsonb_build_object('kind', n.kind, 'body', n.body, 'state', n.state, 'available_on', p.available_on,
                        'agreement', p.agreement, 'agreed_on', p.agreed_on, 'details_on', p.details_on),
                    c.works, c.led or p.made_by = any (theirs), p.made_by, c.inside
                from braid_movenotice n join braid_plannedmove p on p.id = n.move_id join joint c on c.id = p.case_id
                where n.state in ('open', 'handed_over') and c.state = 'open'
                union all
                select 'move', p.id::text, c.reference, c.case_type, null, p.planned_on, null,
                    c.works, c.led or p.made_by = any (theirs), p.made_by, c.inside
                from braid_plannedmove p join joint c on c.id = p.case_id
                where p.state = 'planned' and c.state = 'open'
                union all
                -- The police owe it; the lead and whoever wrote it down hold it to its day.
                select 'clock', e.id::text, c.reference, c.case_type, e.at, null,
                    jsonb_build_object('kind', e.kind, 'is_enhanced', e.is_enhanced),
                    c.leads or (c.inside is not null and (e.entered_by = me or coalesce(s.sits, false))),
                    c.led or coalesce(s.led, false), e.entered_by, c.inside
                from braid_responseevent e join joint c on c.id = e.case_id
                    left join (select o.case_id, bool_or(o.sits) as sits, bool_or(o.led) as led
                        from seat o where o.agency = 'police' group by o.case_id) s on s.case_id = c.id
                where e.kind in ('report', 'decision') and e.ended_on is null and e.wrong_at is null and c.state = 'open'
                union all
                -- An agreed appointment cannot stay: every seat that is shown whoever was harmed and may change it is asked. To a
                -- seat that is not shown them nothing is told, nor to who sat in one, or leads somebody who sits or sat in one.
                select 'appointment', a.id::text, c.reference, c.case_type, a.unsafe_since, null, null,
                    c.id in (select s.case_id from braid_my_sides() s where s.sees_harmed and s.rights = 'edit'),
                    exists (select 1 from braid_casemember m where m.case_id = c.id and m.username = any (theirs)),
                    a.changed_by, c.inside
                from braid_appointmentsheet a join joint c on c.id = a.case_id
                where a.unsafe_since is not null and c.state = 'open'
                    and case when c.inside is not null
                        then c.id in (select s.case_id from braid_my_sides() s where s.sees_harmed)
                        else not exists (select 1 from braid_casemember m
                            where m.case_id = c.id and m.username = any (ours) and not exists (
                                select 1 from braid_caseopening o
                                where o.case_type = c.case_type and o.agency = m.agency and not o.apart)) end)
            select w.kind::varchar, w.id::varchar, w.reference::varchar, w.case_type::varchar, w.at, w.on_day, w.more,
                w.is_asked, w.leads_asked, coordinates or coalesce(w.asker = any (ours), false), w.page
            from waiting w
            where w.is_asked or w.leads_asked or coordinates or w.asker = any (ours) or w.kind = 'readiness';
    end $$;

-- A meeting whose chair was taken over holds cases in which its chair takes no part. Their seats are asked all the same.
create or replace function braid_ask_unseen(wanted uuid, until timestamptz, seats varchar[]) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
        insert into braid_meetingreturn (id, item_id, organisation, agency, state, declined_because, due_at, answered_by, version)
        select gen_random_uuid(), i.id, m.organisation, m.agency, 'asked', '', until, '', 1
            from braid_agendaitem i join braid_meeting g on g.id = i.meeting_id
                join braid_casemember m on m.case_id = i.case_id and m.left_at is null
            where g.id = wanted and g.state in ('planned', 'gathering') and i.state = 'listed' and m.agency = any (seats)
                and g.id in (select y.meeting_id from braid_my_meetings() y where y.is_chair)
                and i.case_id not in (select c.case_id from braid_my_cases() c)
            group by i.id, m.organisation, m.agency
        on conflict do nothing
    $$;

-- How many of them are left, as far as this human may know of them: of a case about somebody who is kept from them, nothing.
create or replace function braid_left_unseen(wanted uuid) returns bigint
    language sql stable security definer set search_path = public, pg_temp
    as $$ select count(*) from braid_agendaitem i
        where i.meeting_id = wanted and i.state = 'listed'
            and i.meeting_id in (select y.meeting_id from braid_my_meetings() y where y.is_chair)
            and i.case_id not in (select c.case_id from braid_my_cases() c)
            and i.case_id not in (select braid_hidden_cases()) $$;

-- With the end of a meeting, what its chair could not decide is put off, all of it: so that it comes to the next one.
create or replace function braid_put_off_unseen(wanted uuid) returns bigint
    language sql security definer set search_path = public, pg_temp
    as $$ with put_off as (
        update braid_agendaitem i set state = 'put_off', version = i.version + 1
            where i.meeting_id = wanted and i.state = 'listed'
                and i.meeting_id in (
                    select g.id from braid_meeting g join braid_my_meetings() y on y.meeting_id = g.id
                    where y.is_chair and g.state = 'in_session')
                and i.case_id not in (select c.case_id from braid_my_cases() c)
            returning 1)
        select count(*) from put_off $$;
