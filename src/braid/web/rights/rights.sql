-- Requests of people about their data: there for whoever accounts for looks, and for nobody who is kept from whoever the
-- request is about, from whoever asks, or from anybody else in what was gathered. To everybody else there is no request.

-- With the owner's rights: a policy of the requests that read the items, whose policy reads the requests, would never end.
create or replace function braid_hidden_rights() returns setof uuid language sql stable security definer
    set search_path = public, pg_temp
    as $$
        with hidden as (select person_id from braid_hidden_people() as h (person_id))
        select r.id from braid_rightsrequest r
        where r.subject_id in (select person_id from hidden) or r.asker_person_id in (select person_id from hidden)
        union
        select i.request_id from braid_rightsitem i cross join lateral jsonb_array_elements_text(i.about) as a (person_id)
        where a.person_id in (select person_id from hidden)
    $$;

create policy seen on braid_rightsrequest for select to braid_pages using ((select braid_accounts_for_looks()));
create policy opened on braid_rightsrequest for insert to braid_pages with check (
    (select braid_accounts_for_looks()) and handled_by = braid_username() and second_by = ''
    and state = case when kind = 'access' then 'waiting' else 'asked' end and message_id is null);
-- A human moves it while it is theirs to move; what was approved is Braid's to send. Whoever approves is named, and is
-- not whoever handles it: a constraint of the table says so too.
create policy moved on braid_rightsrequest for update to braid_pages
    using ((select braid_accounts_for_looks())
        and state not in ('approved', 'leaving', 'given', 'done', 'answered', 'ended', 'closed'))
    with check (state not in ('leaving', 'given', 'done')
        and (state not in ('approved', 'ended') or second_by = braid_username()) and second_by in ('', braid_username()));
create policy not_hidden on braid_rightsrequest as restrictive for select to braid_pages using (
    id not in (select braid_hidden_rights()));

create policy seen on braid_rightspause for select to braid_pages using (
    exists (select 1 from braid_rightsrequest r where r.id = braid_rightspause.request_id));
create policy entered on braid_rightspause for insert to braid_pages with check (
    entered_by = braid_username()
    and exists (select 1 from braid_rightsrequest r where r.id = braid_rightspause.request_id
        and r.state not in ('given', 'closed')));
create policy ended on braid_rightspause for update to braid_pages
    using (last_on is null and exists (select 1 from braid_rightsrequest r where r.id = braid_rightspause.request_id))
    with check (last_on is not null);

create policy seen on braid_rightsstep for select to braid_pages using (
    exists (select 1 from braid_rightsrequest r where r.id = braid_rightsstep.request_id));
create policy taken on braid_rightsstep for insert to braid_pages with check (
    taken_by = braid_username()
    and (step = 'open' or exists (select 1 from braid_rightsrequest r where r.id = braid_rightsstep.request_id)));

create policy seen on braid_rightsitem for select to braid_pages using (
    exists (select 1 from braid_rightsrequest r where r.id = braid_rightsitem.request_id));
create policy decided on braid_rightsitem for update to braid_pages
    using (exists (select 1 from braid_rightsrequest r where r.id = braid_rightsitem.request_id
        and r.state = 'deciding' and r.handled_by = braid_username()))
    with check (decided_by = braid_username());

-- Letters to whoever asked, in the words of whoever handles the request.
create policy written on braid_rightsitem for insert to braid_pages with check (
    kind = 'letter' and about = '[]'::jsonb and decided_by = braid_username()
    and exists (select 1 from braid_rightsrequest r where r.id = braid_rightsitem.request_id
        and r.handled_by = braid_username()));

-- Whose records of a person are said to be wrong, for a mark beside what is shown of them: from when it was shown who asks
-- until the source said that it is right, or a run reads extracts of after the day on which it corrected it. Of nobody
-- from whom whoever looks is kept or whom they do not reach, and nothing of who asks, of what is wrong, or of a source whose
-- wait they do not see.
create or replace function braid_said_to_be_wrong(wanted varchar) returns setof varchar language sql stable
    security definer set search_path = public, pg_temp
    as $$
        select distinct r.source from braid_rightsrequest r
        where r.kind = 'rectification' and r.subject_id = wanted and r.shown_on is not null
            and wanted not in (select h.person_id from braid_hidden_people() as h (person_id))
            and (braid_has_right('relation', 'place') or wanted in (select within.person_id from braid_within within)
                or wanted in (select braid_joint_people()))
            and exists (select 1 from braid_personwait w where w.person_id = wanted and w.provider = r.source
                and w.wait_class in (select braid_my_wait_classes()))
            and (r.state in ('asked', 'sent') or (r.state = 'answered' and r.answer in ('corrected', 'completed')
                and (r.ended_at at time zone 'Europe/London')::date >= coalesce(
                    (select p.as_of_date from braid_publishedrun p limit 1), '-infinity'::date)))
    $$;
create or replace function braid_disputed_waits(wanted varchar) returns setof varchar language sql stable
    as $$
        select w.wait_id from braid_personwait w
        where w.person_id = wanted and w.provider <> '' and w.provider in (select braid_said_to_be_wrong(wanted))
    $$;

-- Words that somebody says of a record that is wrong rest as the one item of their request.
create policy noted on braid_rightsitem for insert to braid_pages with check (
    kind = 'note' and about = '[]'::jsonb
    and exists (select 1 from braid_rightsrequest r where r.id = braid_rightsitem.request_id
        and r.kind = 'rectification' and r.state = 'asked' and r.handled_by = braid_username()));

-- A hold is placed by one and lifted by two.
create policy seen on braid_legalhold for select to braid_pages using ((select braid_accounts_for_looks()));
create policy placed on braid_legalhold for insert to braid_pages with check (
    (select braid_accounts_for_looks()) and placed_by = braid_username() and lift_asked_by = '' and lifted_at is null);
create policy lifted on braid_legalhold for update to braid_pages
    using ((select braid_accounts_for_looks()) and lifted_at is null)
    with check (case when lifted_at is null then lift_asked_by in ('', braid_username())
        else lifted_by = braid_username() and lifted_by <> lift_asked_by end);
create policy not_hidden on braid_legalhold as restrictive for select to braid_pages using (
    person_id not in (select person_id from braid_hidden));

create policy seen on braid_retentionsweep for select to braid_pages using ((select braid_accounts_for_looks()));
