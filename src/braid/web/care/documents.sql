-- Documents of joint cases: there for who takes part in a seat that each was opened to. Of what another organisation gave,
-- it was decided to share it with theirs, and the guard has let it go to them. Nobody else finds any trace of one.

-- The seats that this human takes for the organisation they work for, in cases that are there for them, and the sides that
-- each is shown. Where a kind of case shows nobody anything of somebody apart, it has one side, which every seat is shown.
create or replace function braid_my_seats()
    returns table (case_id uuid, organisation varchar, agency varchar, rights varchar, sight varchar, is_lead boolean,
        is_open boolean, sees_harmed boolean, sees_apart boolean)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare mine varchar := braid_my_organisation();
    begin
        return query
            select y.case_id, mine, y.agency, y.rights, y.sight, y.is_lead, c.state = 'open',
                not exists (select 1 from braid_caseopening o where o.case_type = c.case_type and o.apart)
                    or exists (select 1 from braid_caseopening o
                        where o.case_type = c.case_type and o.agency = y.agency and not o.apart),
                exists (select 1 from braid_caseopening o
                    where o.case_type = c.case_type and o.agency = y.agency and o.apart)
            from braid_my_cases() y join braid_jointcase c on c.id = y.case_id
                join braid_casemember m on m.case_id = y.case_id and m.username = braid_username() and m.left_at is null
            where m.organisation = mine;
    end $$;

-- Versions that this human reads.
create or replace function braid_my_versions() returns table (version_id uuid, document_id uuid)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return query
            select distinct v.id, d.id from braid_casedocument d
                join braid_documentversion v on v.document_id = d.id
                join braid_documentreader r on r.document_id = d.id and r.ended_at is null
                join braid_my_seats() s on s.case_id = r.case_id and s.organisation = r.organisation and s.agency = r.agency
                where case d.side when 'apart' then s.sees_apart else s.sees_harmed end
                    and (s.sight = 'whole' or (d.organisation = s.organisation and d.agency = s.agency))
                    and (d.organisation = s.organisation or (
                        exists (select 1 from braid_sharedecision e
                            where e.document_id = d.id and e.outcome = 'shared' and e.receiver = s.organisation)
                        and exists (select 1 from braid_documentcheck k
                            where k.of_version_id = v.id and k.organisation = s.organisation and k.state = 'passed')))
                    and d.id not in (select braid_hidden_documents());
    end $$;
-- A document of which no version has come yet is there for whoever is adding it, as far as that takes.
create or replace function braid_my_documents() returns setof uuid
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return query
            select v.document_id from braid_my_versions() v
            union
            select d.id from braid_casedocument d join braid_my_seats() s on s.case_id = d.case_id
                and s.organisation = d.organisation and s.agency = d.agency and s.rights = 'edit'
                where d.added_by = braid_username() and d.id not in (select braid_hidden_documents())
                    and not exists (select 1 from braid_documentversion v where v.document_id = d.id);
    end $$;

-- Whether this human speaks, in a case, for the organisation that gave a document which they see.
create or replace function braid_gives_document(wanted uuid, in_case uuid) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return exists (select 1 from braid_casedocument d join braid_my_seats() s on s.organisation = d.organisation
            where d.id = wanted and s.case_id = in_case and s.rights = 'edit' and d.id in (select braid_my_documents()));
    end $$;

-- Whether they may open it to a seat of that case: it is open, and the document's own, or one that a case of it was merged
-- into.
create or replace function braid_may_open_document(wanted uuid, in_case uuid) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return braid_gives_document(wanted, in_case)
            and exists (select 1 from braid_jointcase c where c.id = in_case and c.state = 'open')
            and exists (select 1 from braid_casedocument d where d.id = wanted and d.state = 'held' and (
                d.case_id = in_case
                or exists (select 1 from braid_documentreader r join braid_jointcase c on c.id = r.case_id
                    where r.document_id = d.id and r.ended_at is null and c.merged_into_id = in_case)));
    end $$;

-- Documents that go with people who were parted into a case of their own: by whoever leads both and sees the document. Their
-- readers' seats go with them; whoever takes no part in the new case reads them no longer. Returns how many went.
create or replace function braid_part_documents(out_of uuid, into_case uuid, wanted uuid[]) returns integer
    language plpgsql security definer set search_path = public, pg_temp
    as $$
    declare
        chosen uuid[];
    begin
        if (select count(*) from braid_my_seats() s where s.case_id in (out_of, into_case) and s.is_lead and s.is_open) <> 2
            or not exists (select 1 from braid_jointcase c where c.id = into_case and c.parted_from_id = out_of) then
            return 0;
        end if;
        chosen := array(select d.id from braid_casedocument d where d.id = any (wanted) and d.case_id = out_of
            and d.state = 'held' and d.id in (select braid_my_documents()));
        insert into braid_documentreader (document_id, case_id, organisation, agency, added_by)
            select r.document_id, into_case, r.organisation, r.agency, braid_username() from braid_documentreader r
            where r.document_id = any (chosen) and r.case_id = out_of and r.ended_at is null;
        update braid_documentreader r set ended_at = statement_timestamp()
            where r.document_id = any (chosen) and r.case_id = out_of and r.ended_at is null;
        update braid_documentsubject x set subject_id = n.id from braid_casesubject o, braid_casesubject n
            where x.document_id = any (chosen) and o.id = x.subject_id and n.case_id = into_case and n.ended_at is null
                and (o.person_id, o.name_apart) = (n.person_id, n.name_apart);
        update braid_casedocument d set case_id = into_case, version = d.version + 1 where d.id = any (chosen);
        return coalesce(array_length(chosen, 1), 0);
    end $$;

create policy seen on braid_casedocument for select to braid_pages using (id in (select braid_my_documents()));
create policy added on braid_casedocument for insert to braid_pages with check (
    added_by = braid_username() and state = 'held' and held_because = ''
    and exists (select 1 from braid_my_seats() s
        where s.case_id = braid_casedocument.case_id and s.organisation = braid_casedocument.organisation
            and s.agency = braid_casedocument.agency and s.rights = 'edit' and s.is_open
            and case braid_casedocument.side when 'apart' then s.sees_apart else s.sees_harmed end));
-- By who works on the case for the organisation that gave it, or by the lead who sees it; also where the case is over.
create policy changed on braid_casedocument for update to braid_pages
    using (exists (select 1 from braid_my_seats() s join braid_documentreader r on r.case_id = s.case_id
        where r.document_id = braid_casedocument.id and r.ended_at is null and s.rights = 'edit'
            and (s.is_lead or s.organisation = braid_casedocument.organisation)))
    with check (state in ('held', 'withdrawn') and ended_by in ('', braid_username()));
create policy not_hidden on braid_casedocument as restrictive for all to braid_pages using (
    id not in (select braid_hidden_documents()));
-- What has ended does not come back, nor change: not for its owner either.
create or replace function braid_keep_ended() returns trigger language plpgsql as $$
    begin
        raise exception 'a document that has ended does not change' using errcode = 'check_violation';
    end $$;
create or replace trigger keep_ended before update on braid_casedocument
    for each row when (old.state <> 'held') execute function braid_keep_ended();

create policy seen on braid_documentsubject for select to braid_pages using (
    document_id in (select braid_my_documents()));
create policy added on braid_documentsubject for insert to braid_pages with check (
    exists (select 1 from braid_casedocument d join braid_casesubject s on s.case_id = d.case_id
        where d.id = braid_documentsubject.document_id and s.id = braid_documentsubject.subject_id and s.ended_at is null
            and d.added_by = braid_username() and braid_gives_document(d.id, d.case_id)));

create policy seen on braid_documentversion for select to braid_pages using (
    id in (select v.version_id from braid_my_versions() v));
create policy added on braid_documentversion for insert to braid_pages with check (
    added_by = braid_username()
    and exists (select 1 from braid_casedocument d join braid_documentreader r on r.document_id = d.id
        join braid_my_seats() s on s.case_id = r.case_id
        where d.id = braid_documentversion.document_id and d.state = 'held' and r.ended_at is null and s.is_open
            and braid_gives_document(d.id, r.case_id)));
create policy erased on braid_documentversion for update to braid_pages
    using (exists (select 1 from braid_casedocument d
        where d.id = braid_documentversion.document_id and d.state = 'withdrawn' and d.ended_by = braid_username()))
    with check (sealed = '' and wrapped = '' and key_id = '');

-- A decision to share a document, or not to, is of the organisation that gave it.
create policy of_a_document on braid_sharedecision as restrictive for insert to braid_pages with check (
    document_id is null or exists (
        select 1 from braid_casedocument d where d.id = braid_sharedecision.document_id
            and d.organisation = (select braid_my_organisation())));

-- Who else of a case reads it is told to whoever reads it there.
create policy seen on braid_documentreader for select to braid_pages using (
    document_id in (select braid_my_documents()) and case_id in (select s.case_id from braid_my_seats() s));
create policy opened on braid_documentreader for insert to braid_pages with check (
    added_by = braid_username() and ended_at is null
    and braid_may_open_document(document_id, case_id)
    and exists (select 1 from braid_casemember m
        where m.case_id = braid_documentreader.case_id and m.organisation = braid_documentreader.organisation
            and m.agency = braid_documentreader.agency and m.left_at is null)
    and (organisation = (select braid_my_organisation()) or exists (
        select 1 from braid_sharedecision e
        where e.document_id = braid_documentreader.document_id and e.outcome = 'shared'
            and e.receiver = braid_documentreader.organisation)));
create policy closed on braid_documentreader for update to braid_pages
    using (braid_gives_document(document_id, case_id)) with check (ended_at is not null);

-- What the guard said is there for the organisation that gave the document; what it held back, for whoever has the task.
create policy seen on braid_documentcheck for select to braid_pages using (
    exists (select 1 from braid_casedocument d
        where d.id = braid_documentcheck.document_id and d.organisation = (select braid_my_organisation())));
create policy seen_by_leads on braid_documentcheck for select to braid_pages using (
    state = 'held' and exists (select 1 from braid_my_lead));
create policy not_hidden on braid_documentcheck as restrictive for all to braid_pages using (
    document_id not in (select braid_hidden_documents()));
