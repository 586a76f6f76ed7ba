-- Proposals of plans: there for whose role works with plans of the kind, while an agreement of the purpose opens its item to
-- their organisation, and for whom somebody of the proposal is within reach. What is about anybody who is kept from this
-- human is not there for them, whoever else it is about.

create or replace function braid_my_plan_kinds() returns setof varchar language plpgsql stable
    as $$ begin
        return query select r.value from braid_my_right r where r.kind = 'plan' and (
            (r.value = 'placements' and braid_opens('placement') and braid_has_right('location', 'yes'))
            or (r.value = 'listing' and braid_opens('hearings')));
    end $$;
create or replace function braid_plan_item(kind varchar) returns varchar language sql immutable
    as $$ select case kind when 'placements' then 'placement' else 'hearings' end $$;

-- Not there for this human: about somebody who is kept from them. And for nobody, whatever was published: where somebody
-- with a safe address could live. A court lists the hearings of everybody: they say of nobody where they live.
create or replace function braid_hidden_proposals() returns setof uuid language sql stable security definer
    set search_path = public, pg_temp
    as $$ select p.proposal_id from braid_proposalperson p
        where p.person_id in (select h.person_id from braid_hidden_people() as h (person_id))
            or exists (select 1 from braid_protection n join braid_proposal q on q.id = p.proposal_id
                where n.person_id = p.person_id and q.kind = 'placements') $$;

-- A plan of one organisation holds all of it, whoever it is about: its own people alone have it.
create policy seen on braid_shownplan for select to braid_pages using (
    kind in (select braid_my_plan_kinds()) and organisation in ('', (select braid_my_organisation())));

-- Whom a proposal is about: who waits for something that this human may see.
create policy seen on braid_proposalperson for select to braid_pages using (
    (select exists (select braid_my_plan_kinds()))
    and proposal_id not in (select braid_hidden_proposals())
    and (select true from braid_personwait w where w.person_id = braid_proposalperson.person_id limit 1));
-- Whether a proposal is about somebody: also of who waits for nothing, whose id its sheet holds.
create or replace function braid_is_about(wanted uuid, somebody varchar) returns boolean
    language sql stable security definer set search_path = public, pg_temp
    as $$ select exists (select 1 from braid_proposalperson p
        where p.proposal_id = wanted and p.person_id = somebody) $$;

create policy seen on braid_proposal for select to braid_pages using (
    purpose = (select braid_purpose()) and kind in (select braid_my_plan_kinds())
    and (organisation = (select braid_my_organisation()) or (select braid_has_right('relation', 'place')))
    and exists (select 1 from braid_proposalperson p join braid_personwait w on w.person_id = p.person_id
        where p.proposal_id = braid_proposal.id
            and ((select not braid_has_grant()) or braid_shows(p.person_id, braid_plan_item(braid_proposal.kind)))));
create policy not_hidden on braid_proposal as restrictive for select to braid_pages using (
    id not in (select braid_hidden_proposals()));

create policy seen on braid_proposalchoice for select to braid_pages using (
    exists (select 1 from braid_proposal p where p.id = braid_proposalchoice.proposal_id));

-- Who decides is the organisation that owes what is proposed; whoever looks on for the place does not.
create policy seen on braid_proposalanswer for select to braid_pages using (
    exists (select 1 from braid_proposal p where p.id = braid_proposalanswer.proposal_id));
create policy given on braid_proposalanswer for insert to braid_pages with check (
    answered_by = braid_username() and organisation = braid_my_organisation() and ended_at is null
    and exists (select 1 from braid_proposal p join braid_shownplan s on s.kind = p.plan_id
        where p.id = braid_proposalanswer.proposal_id and p.kind = braid_proposalanswer.kind
            and p.purpose = braid_proposalanswer.purpose and p.organisation = braid_proposalanswer.organisation
            and s.run_id = braid_proposalanswer.run_id and s.fingerprint = braid_proposalanswer.plan_fingerprint));
create policy taken_back on braid_proposalanswer for update to braid_pages
    using (organisation = (select braid_my_organisation()) and ended_at is null
        and exists (select 1 from braid_proposal p where p.id = braid_proposalanswer.proposal_id))
    with check (ended_by = braid_username() and ended_at is not null);

create policy seen on braid_answeredperson for select to braid_pages using (
    exists (select 1 from braid_proposalanswer a where a.id = braid_answeredperson.answer_id));
create policy given on braid_answeredperson for insert to braid_pages with check (
    exists (select 1 from braid_proposalanswer a
        where a.id = braid_answeredperson.answer_id and a.answered_by = braid_username() and a.ended_at is null
            and braid_is_about(a.proposal_id, braid_answeredperson.person_id)));

-- What a court list has become, sealed: for whoever works with the list, also where the answer is about somebody they are
-- kept from. Who made and who ends one made and ends the answer.
create policy seen on braid_listingchange for select to braid_pages using (
    'listing' in (select braid_my_plan_kinds()) and organisation = (select braid_my_organisation()));
create policy made on braid_listingchange for insert to braid_pages with check (
    organisation = braid_my_organisation() and ended_at is null
    and exists (select 1 from braid_proposalanswer a where a.id = braid_listingchange.answer_id and a.kind = 'listing'
        and a.answered_by = braid_username() and a.organisation = braid_listingchange.organisation
        and a.plan_fingerprint = braid_listingchange.plan_fingerprint and a.ended_at is null));
create policy taken_back on braid_listingchange for update to braid_pages
    using (organisation = (select braid_my_organisation()) and ended_at is null)
    with check (ended_at is not null
        and exists (select 1 from braid_proposalanswer a where a.id = braid_listingchange.answer_id
            and a.ended_at is not null and a.ended_by = braid_username()));

-- A paper of a board: for who asked for it, as long as they see every proposal that stands on it. What the guard held back
-- is there for whoever has the task. The guard reads it, and says so, as the owner.
create policy seen on braid_boardpaper for select to braid_pages using (
    made_by = braid_username() and purpose = (select braid_purpose()) and kind in (select braid_my_plan_kinds())
    and organisation = (select braid_my_organisation())
    and not exists (select 1 from jsonb_array_elements_text(braid_boardpaper.proposals) as w (id)
        where w.id::uuid not in (select p.id from braid_proposal p)));
create policy seen_by_leads on braid_boardpaper for select to braid_pages using (
    state = 'held' and exists (select 1 from braid_my_lead));
create policy asked on braid_boardpaper for insert to braid_pages with check (
    made_by = braid_username() and purpose = braid_purpose() and kind in (select braid_my_plan_kinds())
    and organisation = braid_my_organisation() and state = 'waiting' and checked_at is null and reasons = '[]'::jsonb
    and jsonb_array_length(proposals) > 0 and jsonb_array_length(people) > 0
    and not exists (select 1 from jsonb_array_elements_text(braid_boardpaper.proposals) as w (id)
        where w.id::uuid not in (select p.id from braid_proposal p)));
create policy not_hidden on braid_boardpaper as restrictive for select to braid_pages using (
    id not in (select braid_hidden_papers()));
