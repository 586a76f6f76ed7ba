-- Row-level security beneath the access layer: whatever a page asks for, the role of the pages gets only rows that the
-- decision permits to the human of this transaction. No human, no rows. Applied by the owner of the tables at every
-- start; each statement may be repeated. Shapes as measured: EXISTS against an index for what differs by person, a hashed
-- set for what differs by user. One view or policy says one thing, so that each can be read against braid.trust.decide.

create or replace function braid_username() returns text language sql stable
    as $$ select nullif(current_setting('braid.username', true), '') $$;
create or replace function braid_purpose() returns text language sql stable
    as $$ select nullif(current_setting('braid.purpose', true), '') $$;

-- What the role of this human may see; nothing for an account that is closed, or a purpose that is not the role's.
create or replace view braid_my_right with (security_invoker = true) as
    select r.kind, r.value from braid_user u join braid_roleright r on r.role = u.role
    where u.username = braid_username() and u.is_active
        and exists (
            select 1 from braid_roleright p
            where p.role = u.role and p.kind = 'purpose' and p.value = braid_purpose());

-- What the agreements open to this human's organisation at this statement.
create or replace view braid_my_flow with (security_invoker = true) as
    select f.purpose, f.provider, f.item from braid_user u join braid_flow f on f.receiver = u.organisation
    where u.username = braid_username() and u.is_active and u.organisation <> ''
        and f.live_from <= statement_timestamp() and statement_timestamp() < f.live_to
        and not exists (
            select 1 from braid_suspension s where s.agreement_id = f.agreement_id and s.lifted_at is null);

-- People who do not exist for this human: excluded, or restricted to others. The lists themselves nobody may read.
create or replace function braid_hidden_people() returns setof varchar language sql stable security definer
    set search_path = public, pg_temp
    as $$
        select person_id from braid_barred where username = braid_username()
        union
        select person_id from braid_admitted group by person_id
        having not bool_or(username <> '' and username = coalesce(braid_username(), ''))
    $$;
create or replace view braid_hidden with (security_invoker = true) as
    select person_id from braid_hidden_people() as h (person_id);

create policy seen on braid_reach for select to braid_pages using (
    purpose = braid_purpose() and relation in (select value from braid_my_right where kind = 'relation'));

create policy seen on braid_breakglass for select to braid_pages using (
    username = braid_username()
    or exists (select 1 from braid_user u join braid_roleright r on r.role = u.role
        where u.username = braid_username() and u.is_active and r.kind = 'audit'));

create policy seen on braid_personwait for select to braid_pages using (
    (provider, backlog) in (
        select f.provider::varchar, substr(f.item, 7)::varchar from braid_my_flow f
        where f.purpose = braid_purpose() and f.item like 'waits.%')
    and sensitivity in (select value from braid_my_right where kind = 'sensitivity')
    and backlog in (select value from braid_my_right where kind = 'backlog')
    and (
        exists (select 1 from braid_my_right where kind = 'relation' and value = 'place')
        or exists (select 1 from braid_reach r where r.person_id = braid_personwait.person_id
            and r.purpose = braid_purpose())
        or exists (select 1 from braid_breakglass b where b.person_id = braid_personwait.person_id
            and b.username = braid_username() and b.purpose = braid_purpose() and b.ended_at is null
            and b.live_from <= statement_timestamp() and statement_timestamp() < b.live_to)));
create policy not_hidden on braid_personwait as restrictive for select to braid_pages using (
    person_id not in (select person_id from braid_hidden));

-- A person is there for whoever may see one of their waits; every fact about them is an item of its own.
create policy seen on braid_person for select to braid_pages using (
    exists (select 1 from braid_personwait w where w.person_id = braid_person.person_id));

create policy seen on braid_personidentity for select to braid_pages using (
    exists (select 1 from braid_my_flow where purpose = braid_purpose() and provider = '' and item = 'identity')
    and exists (select 1 from braid_personwait w where w.person_id = braid_personidentity.person_id));

create policy seen on braid_persondistrict for select to braid_pages using (
    exists (select 1 from braid_my_flow where purpose = braid_purpose() and provider = '' and item = 'district')
    and exists (select 1 from braid_my_right where kind = 'location')
    and exists (select 1 from braid_personwait w where w.person_id = braid_persondistrict.person_id));

create policy seen on braid_protection for select to braid_pages using (
    exists (select 1 from braid_my_right where kind = 'sensitivity' and value = 'safe_address')
    and exists (select 1 from braid_personwait w where w.person_id = braid_protection.person_id));

create policy seen on braid_involvement for select to braid_pages using (
    provider in (select provider from braid_my_flow where purpose = braid_purpose() and item = 'involvements')
    and sensitivity in (select value from braid_my_right where kind = 'sensitivity')
    and exists (select 1 from braid_personwait w where w.person_id = braid_involvement.person_id));

create policy seen on braid_contact for select to braid_pages using (
    provider in (select provider from braid_my_flow where purpose = braid_purpose() and item = 'contacts')
    and exists (select 1 from braid_my_right where kind = 'location')
    and exists (select 1 from braid_involvement i where i.id = braid_contact.involvement_id));

-- Problem statements beyond the purpose are shown where the role has them as a purpose and their agreement is open too.
create policy seen on braid_cohort for select to braid_pages using (
    problem in (select value from braid_my_right where kind = 'purpose')
    and problem in (select purpose from braid_my_flow where provider = '' and item = 'blockers')
    and exists (select 1 from braid_personwait w where w.person_id = braid_cohort.person_id));

-- Every part of a blocker must be seen: the row, the wait held, and the wait that holds it.
create policy seen on braid_blocker for select to braid_pages using (
    problem in (select value from braid_my_right where kind = 'purpose')
    and problem in (select purpose from braid_my_flow where provider = '' and item = 'blockers')
    and sensitivity in (select value from braid_my_right where kind = 'sensitivity')
    and exists (select 1 from braid_personwait w where w.wait_id = braid_blocker.held_wait_id)
    and (holder_wait_id is null
        or exists (select 1 from braid_personwait w where w.wait_id = braid_blocker.holder_wait_id)));
