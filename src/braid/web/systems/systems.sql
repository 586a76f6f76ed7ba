-- Machines of organisations: their tokens, what a token sent under a key came to, and which events their addresses are
-- told of. A token is read by whoever shows it, by its digest; which systems there are, by the lead and by whoever leads a
-- team of their organisation.

create or replace function braid_my_systems() returns setof bigint
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return query
            select s.id::bigint from braid_user u join braid_user s on s.is_system
            where u.username = braid_username() and u.is_active and not u.is_system and braid_token() is null
                and (braid_accounts_for_looks() or u.organisation <> '' and s.organisation = u.organisation and exists (
                    select 1 from braid_teammember m join braid_team t on t.id = m.team_id
                    where m.username = u.username and m.is_lead and m.ended_at is null
                        and t.organisation = u.organisation));
    end $$;

-- Whoever leads a team changes a token for another one like it, while one of them was not revoked; they widen nothing.
create or replace function braid_may_renew_token(account bigint, for_purpose varchar, under varchar, from_networks jsonb,
        rate integer, until timestamptz) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return account in (select braid_my_systems()) and for_purpose <> ''
            and until <= statement_timestamp() + interval '90 days'
            and exists (select 1 from braid_apitoken t
                where t.user_id = account and t.revoked_at is null and t.purpose = for_purpose
                    and t.agreement_id = under and t.networks = from_networks and t.per_minute = rate);
    end $$;

create policy seen on braid_apitoken for select to braid_pages using (
    digest = nullif(current_setting('braid.token_digest', true), '') or user_id in (select braid_my_systems()));
create policy renewed on braid_apitoken for insert to braid_pages with check (
    made_by = braid_username() and revoked_at is null
    and braid_may_renew_token(user_id, purpose, agreement_id, networks, per_minute, expires_at));
create policy revoked on braid_apitoken for update to braid_pages
    using (user_id in (select braid_my_systems()) and revoked_at is null)
    with check (revoked_by = braid_username());

create policy own on braid_apianswer for all to braid_pages
    using (token_id = braid_token()) with check (token_id = braid_token());

create policy seen on braid_webhooksubscription for select to braid_pages using (
    system_id in (select braid_my_systems()));
create policy ended on braid_webhooksubscription for update to braid_pages
    using (system_id in (select braid_my_systems()) and ended_at is null)
    with check (ended_by = braid_username());

create policy seen on braid_webhookdelivery for select to braid_pages using (
    exists (select 1 from braid_webhooksubscription s where s.id = braid_webhookdelivery.subscription_id));
create policy sent_anew on braid_webhookdelivery for update to braid_pages
    using (state = 'dead' and exists (
        select 1 from braid_webhooksubscription s
        where s.id = braid_webhookdelivery.subscription_id and s.ended_at is null))
    with check (state = 'queued');

-- What happened is noted in the transaction in which it does, for everybody who listens: a kind and an id. With the
-- owner's rights: whoever acts may know nothing of who listens elsewhere. What is about nobody is of no purpose and no
-- organisation: of a run, how many sources there are and were read; of a board, what it decided in the open.
create or replace function braid_counts_of_run(history jsonb, run varchar) returns jsonb language sql immutable
    as $$
        select jsonb_build_object('sources', count(*), 'sources_read', count(*) filter (where exists (
            select 1 from jsonb_array_elements(f.feed -> 'runs') as e (of_run) where e.of_run ->> 'run' = run)))
        from jsonb_array_elements(history) as f (feed)
    $$;
create or replace function braid_note_event() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        what varchar; whose varchar[]; why varchar; subject uuid; noted jsonb := '{}'; about_nobody boolean := false;
    begin
        if tg_table_name = 'braid_publishedrun' then
            what := 'run.published';
            about_nobody := true;
            subject := '00000000-0000-4000-8000-000000000001';  -- one thing: they are told in their order
            noted := jsonb_build_object('counts', braid_counts_of_run(new.feed_history, new.run_id));
        elsif tg_table_name = 'braid_boarddecision' then
            what := 'board.decided';
            about_nobody := true;
            subject := new.id;
            noted := jsonb_build_object('board', new.board_id);
        elsif tg_table_name = 'braid_referral' then
            what := case tg_op when 'INSERT' then 'referral.sent' else 'referral.changed' end;
            why := new.purpose;
            whose := array(select t.organisation from braid_team t where t.id = new.team_id)
                || case tg_op when 'INSERT' then '{}'::varchar[] else array[new.sent_from] end;
        elsif tg_table_name = 'braid_caseoffer' then
            what := case tg_op when 'INSERT' then 'offer.made' else 'offer.changed' end;
            why := new.purpose;
            whose := array(select t.organisation from braid_team t where t.id = new.team_id)
                || case tg_op when 'INSERT' then '{}'::varchar[] else array[new.offered_from] end;
        elsif tg_table_name = 'braid_careaction' then
            what := case tg_op when 'INSERT' then 'action.made' else 'action.changed' end;
            why := (select c.purpose from braid_jointcase c where c.id = new.case_id);
            whose := array(select t.organisation from braid_team t where t.id = new.team_id)
                || case tg_op when 'INSERT' then '{}'::varchar[] else array(
                    select m.organisation from braid_casemember m
                    where m.case_id = new.case_id and m.is_lead and m.left_at is null) end;
        else
            what := 'case.changed';
            why := new.purpose;
            whose := array(select distinct m.organisation from braid_casemember m
                where m.case_id = new.id and m.left_at is null);
        end if;
        if subject is null then
            subject := new.id;
        end if;
        insert into braid_webhookdelivery (subscription_id, message_id, kind, subject_id, detail, trace)
            select s.id, gen_random_uuid(), what, subject, noted, coalesce(current_setting('braid.trace', true), '')
            from braid_webhooksubscription s
            where s.ended_at is null and s.kinds ? what
                and (about_nobody or (s.purpose = why and s.organisation = any (whose)));
        return null;
    end $$;
create or replace trigger note_referral after insert or update of state on braid_referral
    for each row execute function braid_note_event();
create or replace trigger note_offer after insert or update of state on braid_caseoffer
    for each row execute function braid_note_event();
create or replace trigger note_action after insert or update of state, owner, team_id on braid_careaction
    for each row execute function braid_note_event();
create or replace trigger note_case after update of state on braid_jointcase
    for each row execute function braid_note_event();
create or replace trigger note_run after insert on braid_publishedrun
    for each row execute function braid_note_event();
create or replace trigger note_next_run after update of run_id on braid_publishedrun
    for each row when (old.run_id is distinct from new.run_id) execute function braid_note_event();
create or replace trigger note_decision after insert on braid_boarddecision
    for each row when (not new.confidential) execute function braid_note_event();
