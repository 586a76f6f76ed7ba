-- Row-level security beneath the access layer: whatever a page asks for, the role of the pages gets only rows that the
-- decision permits to the human of this transaction. No human, no rows. Applied by the owner of the tables at every
-- start; each statement may be repeated. Shapes as measured: EXISTS against an index for what differs by person, a hashed
-- set for what differs by user. What differs by user comes from functions in plpgsql, which the planner does not open: with
-- views in their place, planning a page's statement took eight times as long as running it. One view or policy says one
-- thing, so that each can be read against braid.trust.decide.

create or replace function braid_username() returns text language sql stable
    as $$ select nullif(current_setting('braid.username', true), '') $$;
create or replace function braid_purpose() returns text language sql stable
    as $$ select nullif(current_setting('braid.purpose', true), '') $$;

-- By which token a program asks; nothing for a human at a page.
create or replace function braid_token() returns bigint language sql stable
    as $$ select nullif(current_setting('braid.token', true), '')::bigint $$;
-- Whether an account may ask as it does, at this statement: a human without a token or by one of theirs, a system by one
-- alone. A token ends revoked or by its time, and asks for no other purpose than its own.
create or replace function braid_asks_rightly(account bigint, is_system boolean) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        if braid_token() is null then
            return not is_system;
        end if;
        return exists (
            select 1 from braid_apitoken t
            where t.id = braid_token() and t.user_id = account and t.revoked_at is null
                and t.expires_at > statement_timestamp()
                and (braid_purpose() is null or t.purpose = braid_purpose() or t.purpose = '' and not is_system));
    end $$;
-- The one agreement that the token is bound to; empty where it is bound to none.
create or replace function braid_token_agreement() returns varchar
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return coalesce((select t.agreement_id from braid_apitoken t where t.id = braid_token()), '');
    end $$;

-- What the role of this human may see; nothing for an account that is closed, or a purpose that is not the role's.
create or replace view braid_my_right with (security_invoker = true) as
    select r.kind, r.value from braid_user u join braid_roleright r on r.role = u.role
    where u.username = braid_username() and u.is_active and braid_asks_rightly(u.id, u.is_system)
        and exists (
            select 1 from braid_roleright p
            where p.role = u.role and p.kind = 'purpose' and p.value = braid_purpose());

-- What the agreements open to this human's organisation at this statement.
create or replace view braid_my_flow with (security_invoker = true) as
    select f.purpose, f.provider, f.item from braid_user u join braid_flow f on f.receiver = u.organisation
    where u.username = braid_username() and u.is_active and u.organisation <> ''
        and braid_asks_rightly(u.id, u.is_system)
        and ((select braid_token()) is null or (select braid_token_agreement()) in ('', f.agreement_id))
        and f.live_from <= statement_timestamp() and statement_timestamp() < f.live_to
        and not exists (
            select 1 from braid_suspension s where s.agreement_id = f.agreement_id and s.lifted_at is null);

-- Both again for policies: the values of a kind of right, the providers of an item for the purpose, the purposes under
-- which the joined record has an item, and the waits that both agreements and role open: backlog/provider/sensitivity.
create or replace function braid_my_values(wanted varchar) returns setof varchar language plpgsql stable
    as $$ begin return query select r.value from braid_my_right r where r.kind = wanted; end $$;
create or replace function braid_my_providers(wanted varchar) returns setof varchar language plpgsql stable
    as $$ begin
        return query select f.provider from braid_my_flow f where f.purpose = braid_purpose() and f.item = wanted;
    end $$;
create or replace function braid_my_purposes(wanted varchar) returns setof varchar language plpgsql stable
    as $$ begin
        return query select f.purpose from braid_my_flow f join braid_my_right r on r.value = f.purpose
            where r.kind = 'purpose' and f.provider = '' and f.item = wanted;
    end $$;
create or replace function braid_my_wait_classes() returns setof varchar language plpgsql stable
    as $$
    declare items varchar[] := array(select 'waits.' || r.value from braid_my_right r where r.kind = 'backlog');
    begin
        return query
            select (substr(f.item, length('waits.') + 1) || '/' || f.provider || '/' || s.value)::varchar
            from braid_my_flow f cross join braid_my_right s
            where f.purpose = braid_purpose() and f.item = any (items) and s.kind = 'sensitivity';
    end $$;
create or replace view braid_my_cover with (security_invoker = true) as
    select c.statement from braid_user u join braid_covered c on c.receiver = u.organisation
    where u.username = braid_username() and u.is_active and u.organisation <> '' and c.purpose = braid_purpose()
        and braid_asks_rightly(u.id, u.is_system)
        and ((select braid_token()) is null or (select braid_token_agreement()) in ('', c.agreement_id))
        and c.live_from <= statement_timestamp() and statement_timestamp() < c.live_to
        and not exists (
            select 1 from braid_suspension s where s.agreement_id = c.agreement_id and s.lifted_at is null);
create or replace function braid_my_statements() returns setof varchar language plpgsql stable
    as $$ begin return query select c.statement from braid_my_cover c; end $$;
create or replace function braid_has_backlog() returns boolean language plpgsql stable
    as $$ begin
        return exists (select 1 from braid_my_flow f join braid_my_right r on f.item = 'waits.' || r.value
            where f.purpose = braid_purpose() and r.kind = 'backlog');
    end $$;
create or replace function braid_has_right(wanted_kind varchar, wanted_value varchar) returns boolean
    language plpgsql stable
    as $$ begin
        return exists (select 1 from braid_my_right r where r.kind = wanted_kind and r.value = wanted_value);
    end $$;
create or replace function braid_opens(wanted varchar) returns boolean language plpgsql stable
    as $$ begin
        return exists (select 1 from braid_my_flow f
            where f.purpose = braid_purpose() and f.item = wanted and f.provider = '');
    end $$;
create or replace function braid_accounts_for_looks() returns boolean language plpgsql stable
    as $$ begin
        return exists (select 1 from braid_user u join braid_roleright r on r.role = u.role
            where u.username = braid_username() and u.is_active and r.kind = 'audit'
                and braid_asks_rightly(u.id, u.is_system));
    end $$;

-- People who do not exist for this human: excluded, restricted to others, or sealed: the identity before an adoption, which
-- nobody sees, so that no answer to anybody holds both. The lists themselves nobody may read.
create or replace view braid_kept_away with (security_invoker = true) as
    select b.person_id from braid_barred b where b.username = braid_username()
    union all
    select a.person_id from braid_admitted a where not exists (
        select 1 from braid_admitted m
        where m.person_id = a.person_id and m.username <> '' and m.username = braid_username())
    union all
    select s.person_id from braid_sealedperson s
    union all
    -- Of whom nothing is used, by a restriction in force: there for whoever accounts for looks alone.
    select r.subject_id from braid_rightsrequest r
    where r.kind = 'restriction' and r.state in ('in_force', 'ending')
        -- Who accounts for looks is asked where there is any, which is seldom: every policy about people comes here.
        and (select case when exists (
                select 1 from braid_rightsrequest e where e.kind = 'restriction' and e.state in ('in_force', 'ending'))
            then not braid_accounts_for_looks() end);
create or replace function braid_hidden_people() returns setof varchar language plpgsql stable security definer
    set search_path = public, pg_temp
    as $$ begin return query select k.person_id from braid_kept_away k; end $$;
create or replace function braid_sealed_people() returns setof varchar language sql stable security definer
    set search_path = public, pg_temp
    as $$ select person_id from braid_sealedperson $$;
create or replace view braid_hidden with (security_invoker = true) as
    select person_id from braid_hidden_people() as h (person_id);
create or replace view braid_sealed with (security_invoker = true) as
    select person_id from braid_sealed_people() as s (person_id);

-- Who was opened to this human in an emergency, and what beside waits: what was asked for by name, and of that location
-- and identity only once a second human approved.
create or replace view braid_my_grant with (security_invoker = true) as
    select b.person_id, b.items, exists (
        select 1 from braid_emergencyapproval a where a.break_glass_id = b.id) as approved
    from braid_breakglass b
    where b.username = (select braid_username()) and b.purpose = (select braid_purpose()) and b.ended_at is null
        and b.live_from <= statement_timestamp() and statement_timestamp() < b.live_to;
create or replace function braid_granted_people() returns setof varchar language plpgsql stable
    as $$ begin return query select g.person_id from braid_my_grant g; end $$;

-- People whom this human reaches through joint work, for the purpose: of their open cases, and those referred to a team of
-- theirs who wait for its answer or were accepted. With the owner's rights, since the policies of those tables ask it.
create or replace function braid_joint() returns table (person_id varchar, relation varchar)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        if not exists (select 1 from braid_my_right r where r.kind = 'purpose' and r.value = braid_purpose())
            or not braid_opens('joint_case') then
            return;
        end if;
        return query
            select s.person_id, 'case'::varchar from braid_casemember m
                join braid_jointcase c on c.id = m.case_id join braid_casesubject s on s.case_id = c.id
                where m.username = braid_username() and m.left_at is null and c.state = 'open'
                    and c.purpose = braid_purpose() and s.ended_at is null and s.person_id <> ''
            union
            select r.person_id, 'referral'::varchar from braid_teammember t join braid_referral r on r.team_id = t.team_id
                where t.username = braid_username() and t.ended_at is null
                    and r.state in ('pending', 'accepted') and r.purpose = braid_purpose();
    end $$;
create or replace function braid_joint_people() returns setof varchar language plpgsql stable
    as $$ begin return query select j.person_id from braid_joint() j; end $$;

-- People within reach of this human for the purpose, beyond a role that reaches everybody: whom it concerns, who lives with
-- them where the role reaches so far, and who was opened in an emergency. The one definition: the policies, the vault
-- and braid.web.access ask it. With arrays and not with IN, which becomes a join, so that one person is found by index.
create or replace view braid_within with (security_invoker = true) as
    select r.person_id from braid_reach r
    where r.purpose = (select braid_purpose()) and r.relation = any (array(select braid_my_values('relation')))
        and (r.statement = any (array(select braid_my_statements()))
            or (r.ships and '' = any (array(select braid_my_statements()))))
    union all
    select g.person_id::varchar(64) from braid_granted_people() as g (person_id)
    union all
    select j.person_id::varchar(64) from braid_joint_people() as j (person_id);

-- Whether a grant shows an item. Asked of a row only where this human has such access at all.
create or replace function braid_has_grant() returns boolean language plpgsql stable
    as $$ begin return exists (select 1 from braid_my_grant); end $$;
create or replace function braid_shows(wanted_person varchar, wanted_item varchar) returns boolean
    language plpgsql stable
    as $$ begin
        return braid_has_right('relation', 'place')
            or wanted_person in (select braid_joint_people())
            or exists (select 1 from braid_reach r
                where r.person_id = wanted_person and r.purpose = braid_purpose()
                    and r.relation = any (array(select braid_my_values('relation'))))
            or exists (select 1 from braid_my_grant g
                where g.person_id = wanted_person and g.items ? wanted_item
                    and (g.approved or not braid_has_right('approval', wanted_item)));
    end $$;

-- Through a problem statement that an agreement covers by name; or where one names none, through those that ship.
create policy seen on braid_reach for select to braid_pages using (
    purpose = (select braid_purpose()) and relation = any (array(select braid_my_values('relation')))
    and (statement = any (array(select braid_my_statements()))
        or (ships and '' = any (array(select braid_my_statements()))))
    and (select braid_has_backlog()));
create policy not_hidden on braid_reach as restrictive for select to braid_pages using (
    person_id not in (select person_id from braid_hidden));

create policy seen on braid_breakglass for select to braid_pages using (
    username = (select braid_username()) or (select braid_accounts_for_looks()));

create policy seen on braid_emergencyapproval for select to braid_pages using (
    asked_by = (select braid_username()) or (select braid_accounts_for_looks()));

-- What the policies let through of braid_reach, and who was granted: braid_within, taken apart, which plans in half the time.
-- Asked person by person: with EXISTS a list of few waits first gathered everybody within reach, 100,000 in a large place.
create policy seen on braid_personwait for select to braid_pages using (
    wait_class in (select braid_my_wait_classes())
    and (
        (select braid_has_right('relation', 'place'))
        or (select true from braid_reach r where r.person_id = braid_personwait.person_id limit 1)
        or person_id in (select braid_granted_people())
        or person_id in (select braid_joint_people())));
create policy not_hidden on braid_personwait as restrictive for select to braid_pages using (
    person_id not in (select person_id from braid_hidden));

-- A person is there for whoever may see one of their waits; every fact about them is an item of its own. Asked with LIMIT 1
-- and not with EXISTS, which the planner plans in two ways, each time with all that a wait asks.
create policy seen on braid_person for select to braid_pages using (
    (select true from braid_personwait w where w.person_id = braid_person.person_id limit 1));

create policy seen on braid_personidentity for select to braid_pages using (
    (select braid_opens('identity'))
    and ((select true from braid_personwait w where w.person_id = braid_personidentity.person_id limit 1)
        or person_id in (select braid_joint_people()))
    and ((select not braid_has_grant()) or braid_shows(person_id, 'identity')));
-- Whose waits are closed to a partner has a name in a case all the same.
create policy not_hidden on braid_personidentity as restrictive for select to braid_pages using (
    person_id not in (select person_id from braid_hidden));

create policy seen on braid_persondistrict for select to braid_pages using (
    (select braid_opens('district')) and (select braid_has_right('location', 'yes'))
    and (select true from braid_personwait w where w.person_id = braid_persondistrict.person_id limit 1)
    and ((select not braid_has_grant()) or braid_shows(person_id, 'district')));

create policy seen on braid_protection for select to braid_pages using (
    (select braid_has_right('sensitivity', 'safe_address'))
    and (select true from braid_personwait w where w.person_id = braid_protection.person_id limit 1));

create policy seen on braid_involvement for select to braid_pages using (
    provider in (select braid_my_providers('involvements'))
    and sensitivity in (select braid_my_values('sensitivity'))
    and (select true from braid_personwait w where w.person_id = braid_involvement.person_id limit 1)
    and ((select not braid_has_grant()) or braid_shows(person_id, 'involvements')));

create or replace function braid_sees_contact_of(wanted bigint) returns boolean language plpgsql stable
    as $$ begin
        return exists (select 1 from braid_involvement i where i.id = wanted
            and (not braid_has_grant() or braid_shows(i.person_id, 'contacts')));
    end $$;
create policy seen on braid_contact for select to braid_pages using (
    provider in (select braid_my_providers('contacts')) and (select braid_has_right('location', 'yes'))
    and braid_sees_contact_of(involvement_id));

-- Problem statements beyond the purpose are shown where the role has them as a purpose and their agreement is open too.
create policy seen on braid_cohort for select to braid_pages using (
    problem in (select braid_my_purposes('blockers'))
    and (select true from braid_personwait w where w.person_id = braid_cohort.person_id limit 1)
    and ((select not braid_has_grant()) or braid_shows(person_id, 'blockers')));

-- A rank rests on everything that its rules ask about, so it is shown for the purpose that it serves and no other.
create policy seen on braid_personrank for select to braid_pages using (
    purpose = (select braid_purpose()) and (select braid_opens('priority'))
    and (select true from braid_personwait w where w.person_id = braid_personrank.person_id limit 1)
    and ((select not braid_has_grant()) or braid_shows(person_id, 'priority')));

create or replace function braid_sees_wait(wanted varchar) returns boolean language plpgsql stable
    as $$ begin return exists (select 1 from braid_personwait w where w.wait_id = wanted); end $$;

-- Every part of a blocker must be seen: the row, the wait held, and the wait that holds it; and whose wait or event it is.
create policy seen on braid_blocker for select to braid_pages using (
    problem in (select braid_my_purposes('blockers'))
    and sensitivity in (select braid_my_values('sensitivity'))
    and (select true from braid_personwait w where w.wait_id = braid_blocker.held_wait_id limit 1)
    and (holder_wait_id is null or braid_sees_wait(holder_wait_id))
    and holder_person_id not in (select person_id from braid_hidden)
    and ((select not braid_has_grant()) or braid_shows(person_id, 'blockers')));

-- What the decision asks of people, one fact a row, in one statement, so that every fact is of one moment. Every part is
-- bound by the policies above.
create or replace view braid_fact with (security_invoker = true) as
    select r.person_id, r.relation::varchar as fact, r.purpose::varchar as purpose, null::timestamptz as live_from,
        null::timestamptz as live_to, null::jsonb as items, false as approved
    from braid_reach r
    union all
    select b.person_id, 'grant', b.purpose, b.live_from, b.live_to, b.items, exists (
        select 1 from braid_emergencyapproval a where a.break_glass_id = b.id)
    from braid_breakglass b where b.username = (select braid_username()) and b.ended_at is null
    union all
    select j.person_id, j.relation, braid_purpose(), null, null, null, false from braid_joint() j
    union all
    select p.person_id, 'protected', '', null, null, null, false from braid_protection p
    union all
    select h.person_id, 'hidden', '', null, null, null, false from braid_hidden h
    union all
    select s.person_id, 'sealed', '', null, null, null, false from braid_sealed s;
