-- Links under review: for whose role decides on links, but a pair of anybody who is kept from this human, or sealed, is not
-- there for them. An answer is its reviewer's alone, so that nobody knows what another said of a pair before they decide.

create or replace function braid_reviews_links() returns boolean language sql stable as $$ select braid_may('reviewing') $$;

create policy seen on braid_linkpair for select to braid_pages using (is_shown and (select braid_reviews_links()));
create policy not_hidden on braid_linkpair as restrictive for select to braid_pages using (
    person_a not in (select person_id from braid_hidden) and person_b not in (select person_id from braid_hidden));

-- Of an open pair in its round; an answer to what is decided opens the next.
create policy seen on braid_linkanswer for select to braid_pages using (
    answered_by = (select braid_username())
    and exists (select 1 from braid_linkpair p where p.id = braid_linkanswer.pair_id));
create policy given on braid_linkanswer for insert to braid_pages with check (
    answered_by = braid_username()
    and exists (select 1 from braid_linkpair p where p.id = braid_linkanswer.pair_id and p.run_id = braid_linkanswer.run_id
        and braid_linkanswer.round = case p.state when 'open' then p.round else p.round + 1 end));

create policy seen on braid_linkdecision for select to braid_pages using (
    exists (select 1 from braid_linkpair p where p.id = braid_linkdecision.pair_id));

create policy seen on braid_linkagreement for select to braid_pages using ((select braid_reviews_links()));

-- What the random sample says of linking, in published figures about nobody: for whose role decides on links or governs.
create policy seen on braid_linkqualityshown for select to braid_pages using (
    (select braid_reviews_links()) or (select braid_governs()));
