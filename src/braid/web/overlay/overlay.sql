-- The safety overlay in the database. Effects are worked out here from the entries alone, with the owner's rights, so that
-- no page can write who is kept from whom: a page adds entries and decides on changes, and asks for the effects to follow.
-- The same as braid.trust.overlay.spread, and held to it by tests.

create or replace function braid_renew_effects() returns void language plpgsql volatile security definer
    set search_path = public, pg_temp
as $$
begin
    -- One at a time: whoever waits here sees, at the next statement, what the one before committed.
    perform pg_advisory_xact_lock(7303003);
    delete from braid_barred;
    delete from braid_admitted;
    with recursive entry as (
        select 'x' || e.id as id, e.subject_id, e.barred_username, null::jsonb as admitted
        from braid_exclusionentry e where e.subject_id <> '' and not exists (
            select 1 from braid_overlaychange c
            where c.exclusion_id = e.id and c.change = 'remove' and c.state = 'approved')
        union all
        select 'r' || e.id, e.subject_id, '', e.admitted
        from braid_restrictionentry e where not exists (
            select 1 from braid_overlaychange c
            where c.restriction_id = e.id and c.change = 'remove' and c.state = 'approved')
    ),
    -- Steps: 0 the subject, 1 their household, 2 the family of those, 3 the households of those. An id that was merged or
    -- split is the same person at every step.
    reached (subject_id, person_id, step) as (
        select distinct subject_id, subject_id, 0 from entry
        union
        select r.subject_id, next.person_id, next.step from reached r cross join lateral (
            select r.person_id, r.step + 1 as step where r.step < 3
            union all
            select a.other_id, r.step from braid_personalias a where a.person_id = r.person_id
            union all
            select a.person_id, r.step from braid_personalias a where a.other_id = r.person_id
            union all
            select t.other_id, 2 from braid_tie t where t.person_id = r.person_id and r.step = 1
            union all
            select t.person_id, 2 from braid_tie t where t.other_id = r.person_id and r.step = 1
            union all
            select n.person_id, r.step + 1 from braid_home h join braid_home n on n.household_id = h.household_id
            where h.person_id = r.person_id and r.step in (0, 2)
        ) as next
    ),
    hit as (
        select distinct e.id, e.barred_username, e.admitted, r.person_id
        from entry e join reached r on r.subject_id = e.subject_id
    ),
    bar as (
        insert into braid_barred (person_id, username)
        select distinct person_id, barred_username from hit where barred_username <> ''
    ),
    restricted as (
        select person_id, count(*) as entries from hit where admitted is not null group by person_id
    ),
    named as (
        select h.person_id, u.username, count(distinct h.id) as entries
        from hit h cross join lateral jsonb_array_elements_text(h.admitted) as u (username)
        where h.admitted is not null and u.username <> ''
        group by h.person_id, u.username
    ),
    common as (
        select n.person_id, n.username from named n join restricted r using (person_id, entries)
    )
    insert into braid_admitted (person_id, username)
    select person_id, username from common
    union all
    select person_id, '' from restricted where person_id not in (select person_id from common);
end
$$;

-- Who accounts for looks sees every entry but those that bar them; everybody sees what they entered themselves.
create policy seen on braid_exclusionentry for select to braid_pages using (
    entered_by = braid_username()
    or (barred_username <> braid_username()
        and (select braid_accounts_for_looks())));
create policy entered on braid_exclusionentry for insert to braid_pages with check (
    entered_by = braid_username()
    and (barred_username = braid_username()
        or (select braid_accounts_for_looks())));

create policy seen on braid_restrictionentry for select to braid_pages using (
    (select braid_accounts_for_looks()));
create policy entered on braid_restrictionentry for insert to braid_pages with check (
    entered_by = braid_username()
    and (select braid_accounts_for_looks()));

-- An emergency is asked for by a human for themselves and for four hours, and reviewed by another who accounts for looks.
create policy asked on braid_breakglass for insert to braid_pages with check (
    username = braid_username() and colleague <> username and reviewed_at is null
    and live_to <= live_from + interval '4 hours' and live_from <= statement_timestamp());
create policy reviewed on braid_breakglass for update to braid_pages
    using ((select braid_accounts_for_looks()))
    with check (reviewed_by = braid_username() and reviewed_by <> username
        and not exists (
            select 1 from braid_emergencyapproval a
            where a.break_glass_id = braid_breakglass.id and a.approved_by = braid_username()));

-- Approved by another human who accounts for looks, while it is open, and of nobody whom they are kept from.
create policy approved on braid_emergencyapproval for insert to braid_pages with check (
    approved_by = braid_username() and (select braid_accounts_for_looks())
    and exists (
        select 1 from braid_breakglass b
        where b.id = break_glass_id and b.username = asked_by and b.username <> braid_username()
            and b.colleague <> braid_username() and b.ended_at is null and b.reviewed_at is null
            and b.live_from <= statement_timestamp() and statement_timestamp() < b.live_to
            and b.person_id not in (select person_id from braid_hidden)));
