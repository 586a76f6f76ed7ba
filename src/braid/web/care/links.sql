-- Links without an account. Whoever types a code is nobody to the database and has no right to any row: these functions,
-- with the owner's rights, give what one code opens and take what it may do, each in one statement. All take the SHA-256
-- of a code; none tells why one opens nothing.

-- Whether an agreement in force opens joint work for a purpose to an organisation: a link ends with it.
create or replace function braid_jointly_opened(wanted_organisation varchar, wanted_purpose varchar) returns boolean
    language sql stable
    as $$ select exists (
        select 1 from braid_flow f where f.receiver = wanted_organisation and f.purpose = wanted_purpose
            and f.provider = '' and f.item = 'joint_case'
            and f.live_from <= statement_timestamp() and statement_timestamp() < f.live_to
            and not exists (
                select 1 from braid_suspension s where s.agreement_id = f.agreement_id and s.lifted_at is null)) $$;

-- Whether somebody is kept from a person: excluded, not among those admitted, or nobody may see both identities.
create or replace function braid_is_kept_from(wanted_username varchar, wanted_person varchar) returns boolean
    language sql stable
    as $$ select exists (
            select 1 from braid_barred b where b.username = wanted_username and b.person_id = wanted_person)
        or exists (select 1 from braid_sealedperson s where s.person_id = wanted_person)
        or (exists (select 1 from braid_admitted a where a.person_id = wanted_person)
            and not exists (
                select 1 from braid_admitted a where a.person_id = wanted_person and a.username = wanted_username)) $$;

create or replace function braid_link_misses(wanted_source varchar, since timestamptz) returns bigint
    language sql stable security definer set search_path = public, pg_temp
    as $$ select count(*) from braid_linkmiss m where m.source = wanted_source and m.at > since $$;

create or replace function braid_note_link_miss(wanted_source varchar) returns void
    language sql security definer set search_path = public, pg_temp
    as $$
        delete from braid_linkmiss where at < statement_timestamp() - interval '1 day';
        insert into braid_linkmiss (source, at) values (wanted_source, statement_timestamp())
    $$;

-- A link for a reply is made by whoever sent the referral, or the lead of a team of theirs; revoked by either.
create policy seen on braid_replylink for select to braid_pages using (
    exists (select 1 from braid_referral r where r.id = braid_replylink.referral_id
        and r.sent_from = braid_my_organisation()
        and (r.sent_by = braid_username() or r.sent_by in (select m.username from braid_teammember m where m.team_id in (
            select t.team_id from braid_my_teams() t where t.is_lead)))));
create policy made on braid_replylink for insert to braid_pages with check (
    made_by = braid_username() and used_at is null and revoked_at is null
    and expires_at <= statement_timestamp() + interval '7 days 1 minute'
    and exists (select 1 from braid_referral r where r.id = braid_replylink.referral_id and r.state = 'pending'
        and r.sent_from = braid_my_organisation()
        and (r.sent_by = braid_username() or r.sent_by in (select m.username from braid_teammember m where m.team_id in (
            select t.team_id from braid_my_teams() t where t.is_lead)))));
create policy revoked on braid_replylink for update to braid_pages
    using (used_at is null and revoked_at is null
        and exists (select 1 from braid_referral r where r.id = braid_replylink.referral_id))
    with check (revoked_by = braid_username());

-- What a code for a reply opens: reference, service, how soon, until when. Whom it is about is for the record alone.
create or replace function braid_open_reply(wanted varchar)
    returns table (link_reference varchar, referral_id uuid, reference varchar, purpose varchar, person_id varchar,
        service varchar, team varchar, team_name varchar, urgency varchar, sent_by varchar, sent_from varchar,
        sent_at timestamptz, due_at timestamptz, expires_at timestamptz)
    language sql stable security definer set search_path = public, pg_temp
    as $$
        select l.reference, r.id, r.reference, r.purpose, r.person_id, r.service, r.team_id, t.name, r.urgency, r.sent_by,
            r.sent_from, r.sent_at, r.due_at, l.expires_at
        from braid_replylink l join braid_referral r on r.id = l.referral_id join braid_team t on t.id = r.team_id
        join braid_user u on u.username = l.made_by
        where l.digest = wanted and l.used_at is null and l.revoked_at is null
            and statement_timestamp() < l.expires_at and r.state = 'pending'
            and u.is_active and u.organisation = r.sent_from
            and braid_jointly_opened(r.sent_from, r.purpose) and not braid_is_kept_from(l.made_by, r.person_id)
    $$;

-- Answer by a link: once. Of two at the same moment, or one here and one of the team's, the first has the row's lock and the
-- other finds it answered.
create or replace function braid_answer_reply(
        wanted varchar, new_state varchar, why varchar, until date, answering varchar) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare asked uuid := (select o.referral_id from braid_open_reply(wanted) o);
    begin
        if new_state not in ('accepted', 'refused') then
            return false;
        end if;
        perform 1 from braid_referral r where r.id = asked and r.state = 'pending' for update;
        if not found then
            return false;
        end if;
        update braid_replylink l set used_at = statement_timestamp()
            where l.digest = wanted and l.used_at is null and l.revoked_at is null
                and statement_timestamp() < l.expires_at;
        if not found then
            return false;
        end if;
        update braid_referral r set state = new_state, refusal = why, parked_until = until, answered_by = answering,
            answered_at = statement_timestamp(), version = r.version + 1,
            ended_at = case when new_state = 'refused' then statement_timestamp() end
            where r.id = asked;
        return true;
    end $$;

-- Make a view of somebody's own plan: the lead of the case alone, for at most 28 days, of somebody who is not apart.
create or replace function braid_make_own_view(
        wanted_id uuid, wanted_case uuid, wanted_subject bigint, new_reference varchar, new_digest varchar,
        new_aim varchar, new_hand_over varchar, new_fits varchar, until timestamptz) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare whom varchar := (select s.person_id from braid_casesubject s
        where s.id = wanted_subject and s.case_id = wanted_case and s.ended_at is null and s.person_id <> '');
    begin
        if whom is null or until > statement_timestamp() + interval '28 days 1 minute'
            or not exists (select 1 from braid_my_cases() c where c.case_id = wanted_case and c.is_lead) then
            return false;
        end if;
        insert into braid_ownview (id, case_id, subject_id, reference, digest, aim, hand_over, fits, was_protected,
                made_by, made_at, expires_at, revoked_by)
            values (wanted_id, wanted_case, wanted_subject, new_reference, new_digest, new_aim, new_hand_over, new_fits,
                exists (select 1 from braid_protection p where p.person_id = whom),
                braid_username(), statement_timestamp(), until, '');
        return true;
    end $$;

-- Whether a view of one's own still holds, beyond code and clock. It closes with the case, when whoever made it no longer
-- leads the case, works elsewhere or is kept from the person, with the agreement, when the person is no longer part of the
-- case or of the published run, and when they came under protection since, or how they may be reached was said anew.
create or replace function braid_own_view_holds(wanted uuid) returns boolean
    language sql stable
    as $$ select exists (
        select 1 from braid_ownview v join braid_jointcase c on c.id = v.case_id
            join braid_casesubject s on s.id = v.subject_id
            join braid_casemember m on m.case_id = v.case_id and m.username = v.made_by
            join braid_user u on u.username = v.made_by
        where v.id = wanted and c.state = 'open' and s.ended_at is null and s.person_id <> ''
            and m.left_at is null and m.is_lead and u.is_active and u.organisation = m.organisation
            and braid_jointly_opened(m.organisation, c.purpose)
            and not braid_is_kept_from(v.made_by, s.person_id)
            and exists (select 1 from braid_person p where p.person_id = s.person_id)
            and (v.was_protected or not exists (select 1 from braid_protection p where p.person_id = s.person_id))
            and not exists (
                select 1 from braid_restrictionentry e where e.subject_id = s.person_id and e.entered_at > v.made_at)
            and not exists (
                select 1 from braid_exclusionentry e where e.subject_id = s.person_id and e.entered_at > v.made_at)
            and not exists (
                select 1 from braid_safecontact k where k.person_id = s.person_id
                    and (k.entered_at > v.made_at or k.ended_at > v.made_at))) $$;

-- Whether words name somebody whom a case keeps apart by now: who was put apart since a plan was written is not told to the
-- person who reads it. Each part of a name of three letters or more, as a word with a capital, as `braid.care.plans` has it.
create or replace function braid_names_apart(wanted uuid, told text) returns boolean language sql stable
    as $$ select exists (
        select 1 from braid_casesubject s, regexp_split_to_table(s.name_apart, '[^[:alnum:]_''-]+') as piece (word)
        where s.case_id = wanted and s.ended_at is null and length(word) >= 3
            and told ~ ('\m' || upper(left(word, 1)) || substr(word, 2) || '\M')) $$;

-- What a code of one's own opens, as one document: the plan that holds, or one that waits for approval; of the goals those of
-- this person alone, their actions, the day of the next meeting, and what they said. No name, place or number of anybody.
create or replace function braid_open_own_view(wanted varchar) returns jsonb
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare
        mine braid_ownview;
        shown braid_jointplan;
    begin
        select v.* into mine from braid_ownview v
            where v.digest = wanted and v.revoked_at is null and statement_timestamp() < v.expires_at;
        if mine.id is null or not braid_own_view_holds(mine.id) then
            return null;
        end if;
        select p.* into shown from braid_jointplan p
            where p.case_id = mine.case_id and p.state in ('approved', 'proposed')
            order by case when mine.aim = 'agree' then p.state = 'approved' else p.state = 'proposed' end limit 1;
        return jsonb_build_object(
            'link', mine.reference,
            'case', (select c.reference from braid_jointcase c where c.id = mine.case_id),
            'purpose', (select c.purpose from braid_jointcase c where c.id = mine.case_id),
            'person', (select s.person_id from braid_casesubject s where s.id = mine.subject_id),
            'expires', mine.expires_at,
            'plan', shown.id, 'number', shown.number, 'state', shown.state, 'review_on', shown.review_on,
            'goals', coalesce((
                select jsonb_agg(jsonb_build_object('words', g.words, 'whose', g.whose, 'target_on', g.target_on,
                    'actions', coalesce((
                        select jsonb_agg(jsonb_build_object('words', a.words, 'team', t.name, 'due_on', a.due_on,
                            'state', a.state) order by a.due_on, a.id)
                        from braid_goalaction l join braid_careaction a on a.id = l.action_id
                            join braid_team t on t.id = a.team_id
                        where l.goal_id = g.id and l.ended_at is null and a.strand <> 'apart'
                            and not braid_names_apart(mine.case_id, a.words)), '[]'::jsonb)) order by g.position, g.id)
                from braid_plangoal g
                where g.plan_id = shown.id and g.subject_id = mine.subject_id and g.ended_at is null
                    and not braid_names_apart(mine.case_id, g.words)), '[]'::jsonb),
            'meets_on', (
                select min((q.starts_at at time zone 'Europe/London')::date) from braid_agendaitem i
                    join braid_meeting q on q.id = i.meeting_id
                where i.case_id = mine.case_id and i.state = 'listed' and q.state in ('planned', 'gathering')
                    and q.starts_at > statement_timestamp()),
            'said', coalesce((
                select jsonb_agg(jsonb_build_object('stance', w.stance, 'words', w.words, 'at', w.said_at)
                    order by w.said_at, w.id)
                from braid_ownwords w where w.view_id = mine.id), '[]'::jsonb));
    end $$;

-- Keep what a person says of the version that they read. False where the code opens nothing, or another version is shown.
create or replace function braid_say_own(
        wanted varchar, about uuid, new_stance varchar, new_words text, most bigint) returns boolean
    language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare mine uuid;
    begin
        select v.id into mine from braid_ownview v where v.digest = wanted for update;
        if (braid_open_own_view(wanted) ->> 'plan')::uuid is distinct from about or about is null
            or (select count(*) from braid_ownwords w where w.view_id = mine) >= most then
            return false;
        end if;
        insert into braid_ownwords (view_id, plan_id, stance, words, said_at)
            values (mine, about, new_stance, new_words, statement_timestamp());
        return true;
    end $$;
