-- Ranks as they stood when somebody decided: kept by the database itself in the transaction of the decision, so that no page
-- can decide without them, write one, or read one by deciding. Whoever decides need not see ranks, and most chairs do not.

-- Keeps, for each person that a case on an agenda or a referral is about, where each problem statement of the purpose places
-- them in the published run; with the rules, and everybody's place, once for each publication.
create or replace function braid_freeze_ranks() returns trigger language plpgsql security definer
    set search_path = public, pg_temp
as $$
declare
    of_item uuid;
    of_referral uuid;
    of_purpose varchar;
    whom varchar[];
    published braid_publishedrun;
begin
    if tg_table_name = 'braid_agendaitem' then
        of_item := new.id;
        of_purpose := (select c.purpose from braid_jointcase c where c.id = new.case_id);
        whom := array(select s.person_id from braid_casesubject s
            where s.case_id = new.case_id and s.ended_at is null and s.person_id <> '');
    else
        of_referral := new.id;
        of_purpose := new.purpose;
        whom := array[new.person_id];
    end if;
    select * into published from braid_publishedrun p limit 1;
    insert into braid_decidedrules (run_id, as_of_date, published_at, problem, purpose, name, holds_from_date, digest, words,
            text, bands, points, rests_on, ships)
        select published.run_id, published.as_of_date, published.published_at, v.problem, v.purpose, v.name,
            v.holds_from_date, v.digest, v.words, v.text, v.bands, v.points, v.rests_on,
            exists (select 1 from braid_reach r where r.statement = v.problem and r.ships)
        from braid_priorityversion v where v.purpose = of_purpose and exists (
            select 1 from braid_personrank k where k.problem = v.problem and k.person_id = any (whom))
        on conflict do nothing;
    -- Places as at a race: people whom the rules do not tell apart share one.
    insert into braid_decidedorder (rules_id, people)
        select d.id, (
            select jsonb_object_agg(o.person_id, jsonb_build_object('place', o.place, 'waits', o.waits)) from (
                select k.person_id, rank() over (
                        order by k.band_position, k.points desc, k.longest_since_date nulls last) as place,
                    array(select distinct w.wait_class from braid_personwait w where w.person_id = k.person_id) as waits
                from braid_personrank k where k.problem = d.problem) o)
        from braid_decidedrules d
        where d.run_id = published.run_id and d.published_at = published.published_at and d.purpose = of_purpose
            and not exists (select 1 from braid_decidedorder o where o.rules_id = d.id)
        on conflict do nothing;
    insert into braid_frozenrank (id, item_id, referral_id, person_id, purpose, rules_id, document)
        select gen_random_uuid(), of_item, of_referral, k.person_id, of_purpose, d.id, jsonb_build_object(
            'problem', d.problem,
            'run', d.run_id,
            'as_of', d.as_of_date,
            'band', d.bands -> (k.band_position - 1) ->> 0,
            'points', k.points,
            'reasons', k.reasons,
            'longest_since', k.longest_since_date)
        from braid_personrank k join braid_decidedrules d on d.problem = k.problem
        where k.person_id = any (whom) and k.purpose = of_purpose
            and d.run_id = published.run_id and d.published_at = published.published_at;
    return null;
end $$;
create or replace trigger freeze_ranks after update of state on braid_agendaitem
    for each row when (new.state = 'decided' and old.state <> 'decided') execute function braid_freeze_ranks();
create or replace trigger freeze_ranks after update of state on braid_referral
    for each row when (new.state = 'accepted' and old.state <> 'accepted') execute function braid_freeze_ranks();

-- Seen as a rank is, by who takes part in the whole case, sent the referral or is of the team that accepted it.
create policy seen on braid_frozenrank for select to braid_pages using (
    purpose = (select braid_purpose()) and (select braid_opens('priority'))
    and (select true from braid_personwait w where w.person_id = braid_frozenrank.person_id limit 1)
    and ((select not braid_has_grant()) or braid_shows(person_id, 'priority'))
    and (exists (select 1 from braid_agendaitem i join braid_my_cases() c on c.case_id = i.case_id
            where i.id = braid_frozenrank.item_id and c.sight = 'whole')
        or exists (select 1 from braid_referral r where r.id = braid_frozenrank.referral_id)));
-- Rules are public; that something was decided under them is not.
create policy seen on braid_decidedrules for select to braid_pages using (
    exists (select 1 from braid_frozenrank f where f.rules_id = braid_decidedrules.id));

-- The place of a rank that is kept with a decision of this human's, among the people of the order then whom they might see:
-- through a class of waits that is open to them, within their reach, and not kept from them. As a place on the page of the
-- order is counted, so that nobody who is not there for them stands before anybody; but of that day, whoever left since.
create or replace function braid_place_of(wanted uuid) returns table (place bigint, people bigint)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare
        kept braid_frozenrank;
        rules braid_decidedrules;
        classes text[];
        hidden varchar[];
        joint varchar[];
        granted varchar[];
        statements varchar[];
        is_reached boolean;
    begin
        select f.* into kept from braid_frozenrank f
            left join braid_agendaitem i on i.id = f.item_id
            left join braid_referral r on r.id = f.referral_id
            where f.id = wanted and f.purpose = braid_purpose() and (
                i.case_id in (select c.case_id from braid_my_cases() c where c.sight = 'whole')
                or r.sent_by = braid_username() or r.team_id in (select t.team_id from braid_my_teams() t));
        if kept.id is null or not braid_works_jointly() or not braid_opens('priority') then
            return;
        end if;
        select d.* into rules from braid_decidedrules d where d.id = kept.rules_id;
        classes := array(select braid_my_wait_classes());
        hidden := array(select braid_hidden_people());
        joint := array(select braid_joint_people());
        granted := array(select braid_granted_people());
        statements := array(select braid_my_statements());
        is_reached := braid_has_right('relation', 'place') or (braid_has_right('relation', 'concerned')
            and (rules.problem = any (statements) or (rules.ships and '' = any (statements))));
        return query
            with stood as (
                select o.key as person_id, (o.value ->> 'place')::integer as place
                from braid_decidedorder e cross join lateral jsonb_each(e.people) o
                where e.rules_id = kept.rules_id and (o.value -> 'waits') ?| classes and o.key <> all (hidden)
                    and (is_reached or o.key = any (joint) or o.key = any (granted))
                    and (not braid_has_grant() or braid_shows(o.key, 'priority')))
            select 1 + count(*) filter (where other.place < mine.place), count(*)
                from stood mine cross join stood other where mine.person_id = kept.person_id
                group by mine.person_id;
    end $$;
create or replace view braid_place_then with (security_invoker = true) as
    select f.id, t.place, t.people from braid_frozenrank f cross join lateral braid_place_of(f.id) t;
