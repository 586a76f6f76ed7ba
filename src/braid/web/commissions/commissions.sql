-- Joint commissions: terms, postings and rounds are about nobody, for whose role governs, and open ones for whoever refers
-- and provides. The service to a person follows its referral: the policies of referrals are asked, so that nobody sees a
-- session whose referral they cannot see, and who is kept from the person is kept from it. Whoever governs gets counts,
-- made publishable before they leave the database.

-- A board member or a commissioner signs for the body that they work for.
create or replace function braid_signs_for() returns varchar language sql stable
    as $$ select u.organisation from braid_user u where u.username = braid_username() and u.is_active
        and u.role in ('board_member', 'commissioner') $$;

-- Whether every body that commissions has signed terms of this number: terms hold by that, and by no page's word.
create or replace function braid_is_signed(wanted uuid, terms integer) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return (select count(distinct s.body) from braid_commissionsignature s
                join braid_commissionterms t on t.id = s.terms_id where t.commission_id = wanted and t.number = terms)
            >= (select jsonb_array_length(c.bodies) from braid_commission c where c.id = wanted);
    end $$;

-- Whether a lot has a place left, as `braid.place.commissions.places` counts them, for whoever works under the purpose of
-- its commission. One at a time until the transaction ends: of two who refer to the last place, the second finds it taken.
create or replace function braid_has_place(wanted uuid, terms integer, of_lot varchar) returns boolean
    language plpgsql volatile security definer set search_path = public, pg_temp
    as $$
    declare most integer := (
        select (l ->> 'capacity')::integer from braid_commission c
            join braid_commissionterms t on t.commission_id = c.id and t.number = terms
            cross join lateral jsonb_array_elements(t.document::jsonb -> 'lots') l
            where c.id = wanted and c.purpose = braid_purpose() and braid_works_jointly() and l ->> 'id' = of_lot);
    begin
        if most is null then
            return false;
        end if;
        perform pg_advisory_xact_lock(hashtextextended('places of ' || wanted || ' ' || of_lot, 0));
        return (select count(*) from braid_serviceepisode e join braid_referral r on r.id = e.referral_id
            where e.commission_id = wanted and e.lot = of_lot
                and e.state in ('referred', 'assessed', 'submitted', 'under_way')
                and r.state not in ('refused', 'revoked')) < most;
    end $$;

create policy seen on braid_commission for select to braid_pages using (
    (select braid_governs())
    or (state in ('open', 'closed', 'ended') and purpose = (select braid_purpose()) and (select braid_works_jointly())));
create policy drawn_up on braid_commission for insert to braid_pages with check (
    (select braid_commissions()) and made_by = braid_username() and changed_by = braid_username()
    and state = 'draft' and in_force = 0 and bodies ? (select braid_my_organisation()));
create policy moved on braid_commission for update to braid_pages
    using (state not in ('ended', 'dropped') and bodies ? coalesce((select braid_signs_for()), ''))
    with check (changed_by = braid_username() and (state in ('draft', 'dropped') or braid_is_signed(id, in_force)));

create policy seen on braid_commissionterms for select to braid_pages using (
    exists (select 1 from braid_commission c where c.id = braid_commissionterms.commission_id));
create policy drawn_up on braid_commissionterms for insert to braid_pages with check (
    made_by = braid_username() and (select braid_commissions())
    and exists (select 1 from braid_commission c where c.id = braid_commissionterms.commission_id
        and c.state not in ('ended', 'dropped') and c.bodies ? (select braid_my_organisation())));

create policy seen on braid_commissionsignature for select to braid_pages using ((select braid_governs()));
create policy signed on braid_commissionsignature for insert to braid_pages with check (
    signed_by = braid_username() and body = (select braid_signs_for())
    and exists (select 1 from braid_commissionterms t join braid_commission c on c.id = t.commission_id
        where t.id = braid_commissionsignature.terms_id and c.bodies ? braid_commissionsignature.body
            and c.state not in ('ended', 'dropped') and t.number > c.in_force));

-- Who orders does not pay. What is settled at the end tells an exact count.
create policy seen on braid_commissionposting for select to braid_pages using (
    (select braid_governs()) and (not is_final or (select braid_keeps_ledger())));
create policy posted on braid_commissionposting for insert to braid_pages with check (
    posted_by = braid_username() and (select braid_keeps_ledger()));

create policy seen on braid_reportinground for select to braid_pages using (
    exists (select 1 from braid_commission c where c.id = braid_reportinground.commission_id));
create policy asked on braid_reportinground for insert to braid_pages with check (
    made_by = braid_username() and (select braid_commissions())
    and exists (select 1 from braid_commission c where c.id = braid_reportinground.commission_id
        and c.bodies ? (select braid_my_organisation())));

create policy seen on braid_roundreturn for select to braid_pages using (
    (select braid_governs()) or ((select braid_works_jointly())
        and exists (select 1 from braid_reportinground g where g.id = braid_roundreturn.of_round_id)
        and team_id in (select t.team_id from braid_my_teams() t where t.is_lead)));
create policy asked on braid_roundreturn for insert to braid_pages with check (
    changed_by = braid_username() and state = 'asked' and (select braid_commissions())
    and exists (select 1 from braid_reportinground g where g.id = braid_roundreturn.of_round_id));
create policy changed on braid_roundreturn for update to braid_pages
    using ((state in ('asked', 'queried') and team_id in (select t.team_id from braid_my_teams() t where t.is_lead))
        or (state = 'given' and (select braid_commissions())))
    with check (changed_by = braid_username());

-- The service to a person: as its referral, for every step.
create policy seen on braid_serviceepisode for select to braid_pages using (
    exists (select 1 from braid_referral r where r.id = braid_serviceepisode.referral_id));
create policy begun on braid_serviceepisode for insert to braid_pages with check (
    changed_by = braid_username() and state = 'referred' and eligible_by in ('', 'concerned')
    and exists (select 1 from braid_referral r where r.id = braid_serviceepisode.referral_id
        and r.sent_by = braid_username() and r.team_id = braid_serviceepisode.team_id)
    and exists (select 1 from braid_commission c where c.id = braid_serviceepisode.commission_id and c.state = 'open'
        and c.in_force = braid_serviceepisode.terms_number)
    and braid_has_place(commission_id, terms_number, lot));
create policy changed on braid_serviceepisode for update to braid_pages
    using (exists (select 1 from braid_referral r where r.id = braid_serviceepisode.referral_id
        and (r.sent_by = braid_username() or r.team_id in (select t.team_id from braid_my_teams() t))))
    with check (changed_by = braid_username());

create policy seen on braid_serviceplan for select to braid_pages using (
    exists (select 1 from braid_serviceepisode e where e.id = braid_serviceplan.episode_id));
create policy written on braid_serviceplan for insert to braid_pages with check (
    written_by = braid_username() and exists (select 1 from braid_serviceepisode e
        where e.id = braid_serviceplan.episode_id and e.team_id in (select t.team_id from braid_my_teams() t)));

create policy seen on braid_servicesession for select to braid_pages using (
    exists (select 1 from braid_serviceepisode e where e.id = braid_servicesession.episode_id));
create policy written on braid_servicesession for insert to braid_pages with check (
    written_by = braid_username() and exists (select 1 from braid_serviceepisode e
        where e.id = braid_servicesession.episode_id and e.team_id in (select t.team_id from braid_my_teams() t)));
create policy changed on braid_servicesession for update to braid_pages
    using (attendance = '' and exists (select 1 from braid_serviceepisode e
        where e.id = braid_servicesession.episode_id and e.team_id in (select t.team_id from braid_my_teams() t)))
    with check (written_by = braid_username());

create policy seen on braid_outcomescore for select to braid_pages using (
    exists (select 1 from braid_serviceepisode e where e.id = braid_outcomescore.episode_id));
create policy said on braid_outcomescore for insert to braid_pages with check (
    said_by = braid_username() and state = 'said' and confirmed_by = '' and is_drawn is null
    and exists (select 1 from braid_serviceepisode e
        where e.id = braid_outcomescore.episode_id and e.team_id in (select t.team_id from braid_my_teams() t)));
-- Confirmed by whoever referred, in their own name; decided on and verified by somebody who did neither.
create policy changed on braid_outcomescore for update to braid_pages
    using (exists (select 1 from braid_serviceepisode e where e.id = braid_outcomescore.episode_id))
    with check (
        (state in ('said', 'disputed') and confirmed_by = '' and exists (
            select 1 from braid_serviceepisode e where e.id = braid_outcomescore.episode_id
                and e.team_id in (select t.team_id from braid_my_teams() t)))
        or (state in ('confirmed', 'questioned') and exists (
            select 1 from braid_serviceepisode e join braid_referral r on r.id = e.referral_id
                where e.id = braid_outcomescore.episode_id and r.sent_by = braid_username()))
        or (state in ('verified', 'overturned', 'dismissed') and verified_by = braid_username()
            and confirmed_by <> braid_username() and said_by <> braid_username()
            and not exists (select 1 from braid_serviceepisode e join braid_referral r on r.id = e.referral_id
                where e.id = braid_outcomescore.episode_id and (r.sent_by = braid_username()
                    or e.team_id in (select t.team_id from braid_my_teams() t)))));

-- A count as `braid.trust.disclosure` publishes it, of so many people at least.
create or replace function braid_shown_count(exact bigint, people bigint) returns integer language sql immutable
    as $$ select case when exact > 0 and (exact < 8 or people < 8) then null
        else (5 * ((exact + 2) / 5))::integer end $$;

-- How a commission fares, by lot and by how much people need, as published counts: for whose role governs, of all teams;
-- for the lead of a team that provides, of theirs. Nothing of a month that is not over: no look shows one person's step.
create or replace function braid_service_counts(wanted uuid, of_team varchar, from_day date, before_day date)
    returns table (lot varchar, band varchar, what varchar, shown integer)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare
        since timestamptz := from_day::timestamp at time zone 'Europe/London';
        until timestamptz := least(before_day::timestamp, date_trunc('month', now() at time zone 'Europe/London'))
            at time zone 'Europe/London';
    begin
        if not (braid_governs() or exists (
                select 1 from braid_my_teams() t where t.team_id = of_team and t.is_lead)) then
            return;
        end if;
        return query
            with e as (
                select p.*, r.state as answer, r.refusal, r.sent_at, r.answered_at,
                    (select min(s.at) from braid_servicesession s
                        where s.episode_id = p.id and s.attendance in ('yes', 'late')) as begun_at
                from braid_serviceepisode p join braid_referral r on r.id = p.referral_id
                where p.commission_id = wanted and (of_team = '' or p.team_id = of_team)),
            found as (
                select e.lot, e.need_band, 'referred' as what, 1 as each, e.id from e
                    where e.sent_at >= since and e.sent_at < until
                union all
                select e.lot, e.need_band, k.what, 1, e.id from e cross join lateral (values
                        ('answered', e.answer in ('accepted', 'done', 'refused')),
                        ('refused', e.answer = 'refused' and e.refusal not in ('person_not_ready', 'person_declined')),
                        ('declined', e.answer = 'refused' and e.refusal in ('person_not_ready', 'person_declined'))
                    ) as k (what, holds)
                    where k.holds and e.answered_at >= since and e.answered_at < until
                union all
                select e.lot, e.need_band, 'attached', 1, e.id from e where e.begun_at >= since and e.begun_at < until
                union all
                select e.lot, e.need_band, case e.ended_because when '' then 'concluded' else 'dropped' end, 1, e.id
                    from e where e.ended_at >= since and e.ended_at < until and e.ended_because <> 'not_eligible'
                        and (e.ended_because = '' or e.begun_at is not null)
                union all
                select e.lot, e.need_band, 'sessions', 1, e.id from e join braid_servicesession s on s.episode_id = e.id
                    where s.attendance in ('yes', 'late') and s.at >= since and s.at < until
                union all
                select e.lot, e.need_band, k.what, 1, e.id from e join braid_outcomescore s on s.episode_id = e.id
                    cross join lateral (values
                        ('scored', s.state in ('confirmed', 'verified', 'overturned', 'dismissed')),
                        ('achieved', s.state in ('confirmed', 'verified') and s.score = 'achieved')) as k (what, holds)
                    where k.holds and e.ended_at >= since and e.ended_at < until)
            select f.lot, f.need_band, f.what::varchar, braid_shown_count(sum(f.each), count(distinct f.id))
                from found f group by f.lot, f.need_band, f.what;
    end $$;

-- What may be paid for, as units in steps of five (`braid.place.commissions.safeguards`): of people who were eligible by
-- the run or the referrer's word, and of scores that were confirmed and, where chance drew them, verified. Exact for the
-- settlement at the end alone, to whoever keeps the ledger. A row `held` names a lot whose outcomes wait.
create or replace function braid_payable_units(wanted uuid)
    returns table (terms_number smallint, lot varchar, component varchar, outcome varchar, score varchar, units integer)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare is_final boolean := braid_keeps_ledger()
        and exists (select 1 from braid_commission c where c.id = wanted and c.state = 'ended');
    begin
        if not braid_governs() then
            return;
        end if;
        return query
            with e as (
                select p.id, p.terms_number, p.lot from braid_serviceepisode p
                    where p.commission_id = wanted and p.eligible_by in ('concerned', 'attested')),
            held as (
                select e.lot from e join braid_outcomescore s on s.episode_id = e.id
                    where s.state in ('verified', 'overturned') group by e.lot
                    having count(*) filter (where s.state = 'overturned') >= 2
                        and 100 * count(*) filter (where s.state = 'overturned') > 10 * count(*)),
            attended as (
                select e.terms_number, e.lot, e.id, count(*) as sessions from e
                    join braid_servicesession s on s.episode_id = e.id and s.attendance in ('yes', 'late')
                    group by 1, 2, 3),
            found as (
                select a.terms_number, a.lot, 'attachment' as part, '' as outcome, '' as score,
                    count(*) as exact, count(*) as people from attended a group by 1, 2
                union all
                select a.terms_number, a.lot, 'session', '', '', sum(a.sessions)::bigint, count(*)
                    from attended a group by 1, 2
                union all
                select e.terms_number, e.lot, 'outcome', s.outcome, s.score, count(*), count(*)
                    from e join braid_outcomescore s on s.episode_id = e.id
                    where s.score in ('achieved', 'partly')
                        and (s.state = 'verified' or (s.state = 'confirmed' and not s.is_drawn))
                    group by 1, 2, 4, 5)
            select f.terms_number, f.lot, f.part::varchar, f.outcome::varchar, f.score::varchar,
                (case when is_final then f.exact when f.exact < 10 or f.people < 8 then 0
                    else 5 * (f.exact / 5) end)::integer
                from found f
            union all
            select 0::smallint, h.lot, 'held'::varchar, ''::varchar, ''::varchar, 0 from held h;
    end $$;
