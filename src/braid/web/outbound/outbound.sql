-- What leaves: a message is seen by whoever wrote it and by who accounts for looks; nobody else knows that there is one.
-- A page adds it, about people its human may see, and may take back what still waits. Everything else is the owner's.

create or replace view braid_my_lead with (security_invoker = true) as
    select 1 as one from braid_user u join braid_roleright r on r.role = u.role
    where u.username = braid_username() and u.is_active and r.kind = 'audit';

create policy seen on braid_outboxmessage for select to braid_pages using (
    sent_by = braid_username() or exists (select 1 from braid_my_lead));
create policy written on braid_outboxmessage for insert to braid_pages with check (
    sent_by = braid_username() and purpose = braid_purpose() and state = 'queued' and attempts = 0
    and jsonb_array_length(subject_ids) > 0
    and not exists (
        select 1 from jsonb_array_elements_text(subject_ids) as s (person_id)
        where not exists (select 1 from braid_personwait w where w.person_id = s.person_id)));
create policy cancelled on braid_outboxmessage for update to braid_pages
    using (sent_by = braid_username() and state = 'queued')
    with check (sent_by = braid_username() and state = 'cancelled' and sealed = '');
-- The words of what was refused go when its task is done.
create policy erased on braid_outboxmessage for update to braid_pages
    using (state in ('refused', 'failed') and exists (select 1 from braid_my_lead))
    with check (state in ('refused', 'failed') and sealed = '');

create policy seen on braid_outboxrecipient for select to braid_pages using (
    exists (select 1 from braid_outboxmessage m where m.id = braid_outboxrecipient.message_id));
create policy written on braid_outboxrecipient for insert to braid_pages with check (
    delivered_at is null and exists (
        select 1 from braid_outboxmessage m where m.id = braid_outboxrecipient.message_id
        and m.sent_by = braid_username() and m.state = 'queued'));

-- A safe contact and a release are entered by somebody who sees the person, and confirmed by another who accounts for
-- looks.
create policy seen on braid_safecontact for select to braid_pages using (
    entered_by = braid_username() or exists (select 1 from braid_my_lead));
create policy entered on braid_safecontact for insert to braid_pages with check (
    entered_by = braid_username() and second_by = ''
    and exists (select 1 from braid_personwait w where w.person_id = braid_safecontact.person_id));
create policy confirmed on braid_safecontact for update to braid_pages
    using (second_by = '' and exists (select 1 from braid_my_lead))
    with check (second_by = braid_username() and second_by <> entered_by);

create policy seen on braid_contactrelease for select to braid_pages using (
    entered_by = braid_username() or exists (select 1 from braid_my_lead));
create policy entered on braid_contactrelease for insert to braid_pages with check (
    entered_by = braid_username() and second_by = ''
    and exists (select 1 from braid_personwait w where w.person_id = braid_contactrelease.person_id));
create policy confirmed on braid_contactrelease for update to braid_pages
    using (second_by = '' and exists (select 1 from braid_my_lead))
    with check (second_by = braid_username() and second_by <> entered_by);

-- A task about the vault says that somebody is protected: everybody's pages may leave one, its owner alone reads it.
create policy seen on braid_safetytask for select to braid_pages using (exists (select 1 from braid_my_lead));
create policy left_behind on braid_safetytask for insert to braid_pages with check (
    owner_role = 'ig_lead' and done_at is null and claimed_by = '');
create policy taken on braid_safetytask for update to braid_pages
    using (done_at is null and exists (select 1 from braid_my_lead))
    with check (claimed_by = braid_username() and done_by in ('', braid_username()));
