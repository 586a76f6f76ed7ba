-- What leaves: a message is seen by whoever wrote it and by who accounts for looks; nobody else knows that there is one.
-- A page adds it, about people its human may see, and may take back what still waits. Everything else is the owner's.

create or replace view braid_my_lead with (security_invoker = true) as
    select 1 as one from braid_user u join braid_roleright r on r.role = u.role
    where u.username = braid_username() and u.is_active and r.kind = 'audit'
        and braid_asks_rightly(u.id, u.is_system);

-- Messages about or to somebody who does not exist for this human, among those that would be theirs to see. With the
-- owner's rights: a policy of the messages that read the recipients, whose policy reads the messages, would never end.
create or replace function braid_hidden_messages() returns setof uuid language sql stable security definer
    set search_path = public, pg_temp
    as $$
        with hidden as (select person_id from braid_hidden_people() as h (person_id)),
        mine as (
            select m.id, m.subject_ids from braid_outboxmessage m
            where m.sent_by = braid_username() or exists (select 1 from braid_my_lead))
        select m.id from mine m cross join lateral jsonb_array_elements_text(m.subject_ids) as s (person_id)
        where s.person_id in (select person_id from hidden)
        union
        select r.message_id from mine m join braid_outboxrecipient r on r.message_id = m.id
        where r.kind = 'person' and r.party_id in (select person_id from hidden)
    $$;

-- Papers of boards about anybody who is kept from this human.
create or replace function braid_hidden_papers() returns setof uuid language sql stable security definer
    set search_path = public, pg_temp
    as $$ select b.id from braid_boardpaper b cross join lateral jsonb_array_elements_text(b.people) as p (person_id)
        where p.person_id in (select h.person_id from braid_hidden_people() as h (person_id)) $$;

-- Documents about anybody who is kept from this human, also where the case is about them no longer.
create or replace function braid_hidden_documents() returns setof uuid language sql stable security definer
    set search_path = public, pg_temp
    as $$ select d.document_id from braid_documentsubject d join braid_casesubject s on s.id = d.subject_id
        where s.person_id in (select h.person_id from braid_hidden_people() as h (person_id)) $$;

-- What a meeting decided on a case is sent by its chair, once the minutes are agreed, about everybody whom the case is
-- about, and to organisations that take part in it: judged by taking part, and by no wait that anybody sees.
create or replace function braid_sends_minutes(wanted uuid, subjects jsonb) returns boolean language plpgsql stable
    as $$ begin
        return exists (
            select 1 from braid_agendaitem i join braid_meeting g on g.id = i.meeting_id
            where i.id = wanted and i.state in ('decided', 'put_off')
                and g.state = 'agreed' and g.chair = braid_username()
                and i.case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit' and c.sight = 'whole')
                and not exists (
                    select 1 from braid_casesubject s where s.case_id = i.case_id and s.ended_at is null
                        and s.person_id <> '' and not jsonb_exists(subjects, s.person_id))
                and not exists (
                    select 1 from jsonb_array_elements_text(subjects) as w (person_id) where not exists (
                        select 1 from braid_casesubject s where s.case_id = i.case_id and s.ended_at is null
                            and s.person_id = w.person_id)));
    end $$;
create or replace function braid_takes_part(wanted uuid, party varchar) returns boolean language plpgsql stable
    as $$ begin
        return exists (
            select 1 from braid_agendaitem i join braid_casemember m on m.case_id = i.case_id
            where i.id = wanted and m.organisation = party and m.left_at is null);
    end $$;

create policy seen on braid_outboxmessage for select to braid_pages using (
    sent_by = braid_username() or exists (select 1 from braid_my_lead));
create policy written on braid_outboxmessage for insert to braid_pages with check (
    sent_by = braid_username() and purpose = braid_purpose() and state = 'queued' and attempts = 0
    and jsonb_array_length(subject_ids) > 0
    and rights_id is null
    and case when item_id is not null then braid_sends_minutes(item_id, subject_ids)
        else not exists (
            select 1 from jsonb_array_elements_text(subject_ids) as s (person_id)
            where not exists (select 1 from braid_personwait w where w.person_id = s.person_id)) end);
create policy cancelled on braid_outboxmessage for update to braid_pages
    using (sent_by = braid_username() and state = 'queued')
    with check (sent_by = braid_username() and state = 'cancelled' and sealed = '');
-- The words of what was refused go when its task is done.
create policy erased on braid_outboxmessage for update to braid_pages
    using (state in ('refused', 'failed') and exists (select 1 from braid_my_lead))
    with check (state in ('refused', 'failed') and sealed = '');

create policy not_hidden on braid_outboxmessage as restrictive for all to braid_pages using (
    id not in (select braid_hidden_messages()));

-- A person as a recipient is somebody whom the author sees: who is hidden and who is absent are refused alike.
create policy seen on braid_outboxrecipient for select to braid_pages using (
    exists (select 1 from braid_outboxmessage m where m.id = braid_outboxrecipient.message_id));
create policy written on braid_outboxrecipient for insert to braid_pages with check (
    delivered_at is null and exists (
        select 1 from braid_outboxmessage m where m.id = braid_outboxrecipient.message_id
        and m.sent_by = braid_username() and m.state = 'queued'
        and (m.item_id is null or (braid_outboxrecipient.kind = 'organisation'
            and braid_takes_part(m.item_id, braid_outboxrecipient.party_id))))
    and (kind <> 'person'
        or exists (select 1 from braid_personwait w where w.person_id = braid_outboxrecipient.party_id)));
create policy not_hidden on braid_outboxrecipient as restrictive for all to braid_pages using (
    message_id not in (select braid_hidden_messages()));

-- Who enters what this human may take back: the same role in the same organisation.
create or replace view braid_my_colleague with (security_invoker = true) as
    select o.username from braid_user u
    join braid_user o on o.username = u.username or (o.role = u.role and o.organisation = u.organisation)
    where u.username = braid_username() and u.is_active and u.organisation <> '';

-- What was entered goes one way: waiting, confirmed by somebody else, withdrawn; or refused while it waits. Policies see
-- the row before or the row after, never both, so that the order is held here, for the owner too.
create or replace function braid_keep_order() returns trigger language plpgsql as $$
    begin
        if (old.ended_how <> '' and (new.ended_how, new.ended_by, new.ended_at, new.second_by, new.second_at)
                is distinct from (old.ended_how, old.ended_by, old.ended_at, old.second_by, old.second_at))
            or ((new.second_by, new.second_at) is distinct from (old.second_by, old.second_at)
                and (old.second_by <> '' or new.ended_how <> ''))
            or (old.ended_how = '' and new.ended_how <> ''
                and new.ended_how <> case when old.second_by = '' then 'refused' else 'withdrawn' end) then
            raise exception 'this step does not follow' using errcode = 'check_violation';
        end if;
        return new;
    end $$;
create or replace trigger keep_order before update on braid_safecontact
    for each row execute function braid_keep_order();
create or replace trigger keep_order before update on braid_contactrelease
    for each row execute function braid_keep_order();

-- A safe contact and a release are entered by somebody who sees the person, and confirmed by another who accounts for
-- looks and is not kept from the person: what is about somebody hidden is neither seen nor changed. Whoever entered it, or
-- a lead, refuses it while it waits; these, and a colleague who sees the person, withdraw what holds.
create policy seen on braid_safecontact for select to braid_pages using (
    entered_by = braid_username() or exists (select 1 from braid_my_lead));
create policy seen_by_colleagues on braid_safecontact for select to braid_pages using (
    entered_by in (select username from braid_my_colleague)
    and exists (select 1 from braid_personwait w where w.person_id = braid_safecontact.person_id));
create policy entered on braid_safecontact for insert to braid_pages with check (
    entered_by = braid_username() and second_by = '' and ended_how = ''
    and exists (select 1 from braid_personwait w where w.person_id = braid_safecontact.person_id));
create policy confirmed on braid_safecontact for update to braid_pages
    using (second_by = '' and ended_how = '' and exists (select 1 from braid_my_lead))
    with check (ended_how = '' and second_by = braid_username() and second_by <> entered_by
        and exists (select 1 from braid_my_lead));
create policy refused on braid_safecontact for update to braid_pages
    using (second_by = '' and ended_how = ''
        and (entered_by = braid_username() or exists (select 1 from braid_my_lead)))
    with check (ended_how = 'refused' and ended_by = braid_username());
create policy withdrawn on braid_safecontact for update to braid_pages
    using (second_by <> '' and ended_how = '' and (exists (select 1 from braid_my_lead)
        or (entered_by in (select username from braid_my_colleague)
            and exists (select 1 from braid_personwait w where w.person_id = braid_safecontact.person_id))))
    with check (ended_how = 'withdrawn' and ended_by = braid_username());
create policy not_hidden on braid_safecontact as restrictive for all to braid_pages using (
    person_id not in (select person_id from braid_hidden));

-- Digests of contact points are added with the safe contact, by whoever enters it, and read by the owner alone.
create policy entered on braid_safecontactdigest for insert to braid_pages with check (
    exists (select 1 from braid_safecontact c
        where c.id = braid_safecontactdigest.safe_contact_id and c.person_id = braid_safecontactdigest.person_id
        and c.entered_by = braid_username() and c.second_by = '' and c.ended_how = ''));

create policy seen on braid_contactrelease for select to braid_pages using (
    entered_by = braid_username() or exists (select 1 from braid_my_lead));
create policy seen_by_colleagues on braid_contactrelease for select to braid_pages using (
    entered_by in (select username from braid_my_colleague)
    and exists (select 1 from braid_personwait w where w.person_id = braid_contactrelease.person_id));
create policy entered on braid_contactrelease for insert to braid_pages with check (
    entered_by = braid_username() and second_by = '' and ended_how = ''
    and exists (select 1 from braid_personwait w where w.person_id = braid_contactrelease.person_id)
    and (party_kind <> 'person'
        or exists (select 1 from braid_personwait w where w.person_id = braid_contactrelease.party_id)));
create policy confirmed on braid_contactrelease for update to braid_pages
    using (second_by = '' and ended_how = '' and exists (select 1 from braid_my_lead))
    with check (ended_how = '' and second_by = braid_username() and second_by <> entered_by
        and exists (select 1 from braid_my_lead));
create policy refused on braid_contactrelease for update to braid_pages
    using (second_by = '' and ended_how = ''
        and (entered_by = braid_username() or exists (select 1 from braid_my_lead)))
    with check (ended_how = 'refused' and ended_by = braid_username());
create policy withdrawn on braid_contactrelease for update to braid_pages
    using (second_by <> '' and ended_how = '' and (exists (select 1 from braid_my_lead)
        or (entered_by in (select username from braid_my_colleague)
            and exists (select 1 from braid_personwait w where w.person_id = braid_contactrelease.person_id))))
    with check (ended_how = 'withdrawn' and ended_by = braid_username());
create policy not_hidden on braid_contactrelease as restrictive for all to braid_pages using (
    person_id not in (select person_id from braid_hidden)
    and (party_kind <> 'person' or party_id not in (select person_id from braid_hidden)));

-- Lines that this human's own seat returned: what was decided about them is for the seat to know and to add to.
create or replace function braid_my_lines() returns setof uuid
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare mine varchar := braid_my_organisation();
    begin
        return query
            select l.id from braid_returnline l join braid_meetingreturn r on r.id = l.source_id
                join braid_agendaitem i on i.id = r.item_id join braid_my_cases() c on c.case_id = i.case_id
                where r.organisation = mine and r.agency = c.agency;
    end $$;

-- A decision to share about a person, or not to, is added by who decides and sees the person, and read by them and by who
-- accounts for looks; one on a line of a return by the seat that returned it. What is shared goes with a message or a document
-- of theirs (documents.sql says which) or a line of their seat, under a law that an agreement in force names.
create policy seen on braid_sharedecision for select to braid_pages using (
    decided_by = braid_username() or exists (select 1 from braid_my_lead) or line_id in (select braid_my_lines()));
create policy decided on braid_sharedecision for insert to braid_pages with check (
    decided_by = braid_username() and purpose = braid_purpose()
    and (exists (select 1 from braid_personwait w where w.person_id = braid_sharedecision.person_id)
        or person_id in (select braid_joint_people()))
    and (line_id is null or line_id in (select braid_my_lines()))
    and (outcome = 'withheld' or (
        (line_id is not null or document_id is not null or exists (
            select 1 from braid_outboxmessage m
            where m.id = braid_sharedecision.message_id and m.sent_by = braid_username()))
        and exists (
            select 1 from braid_flow f join braid_agreementinforce a on a.agreement_id = f.agreement_id
            where f.receiver = braid_sharedecision.receiver and f.purpose = braid_purpose()
                and f.live_from <= statement_timestamp() and statement_timestamp() < f.live_to
                and jsonb_exists(a.terms -> 'gateways', braid_sharedecision.gateway)
                and not exists (
                    select 1 from braid_suspension s
                    where s.agreement_id = f.agreement_id and s.lifted_at is null)))));
create policy not_hidden on braid_sharedecision as restrictive for all to braid_pages using (
    person_id not in (select person_id from braid_hidden));

-- A task about the vault says that somebody is protected: everybody's pages may leave one about whom they see or about an
-- account, its owner alone reads it. Its subject is a person, an account, a message, a document or a paper of a board.
create policy seen on braid_safetytask for select to braid_pages using (exists (select 1 from braid_my_lead));
create policy left_behind on braid_safetytask for insert to braid_pages with check (
    owner_role = 'ig_lead' and done_at is null and claimed_by = ''
    and (
        (kind in ('second_factor_unreadable', 'key_copied', 'recovery_used', 'account_widened')
            and exists (select 1 from braid_user u where u.id::varchar = braid_safetytask.subject_id))
        or (kind = 'safe_contact_unreadable'
            and exists (select 1 from braid_safecontact c where c.person_id = braid_safetytask.subject_id))
        or exists (select 1 from braid_personwait w where w.person_id = braid_safetytask.subject_id)));
create policy taken on braid_safetytask for update to braid_pages
    using (done_at is null and exists (select 1 from braid_my_lead))
    with check (claimed_by = braid_username() and done_by in ('', braid_username()));
create policy not_hidden on braid_safetytask as restrictive for all to braid_pages using (
    subject_id not in (select person_id from braid_hidden)
    and subject_id not in (select m::varchar from braid_hidden_messages() as m)
    and subject_id not in (select d::varchar from braid_hidden_documents() as d)
    and subject_id not in (select p::varchar from braid_hidden_papers() as p));
