-- Networks of queues, questions to them and answers: for whose role simulates, for no purpose and about nobody. What
-- somebody took away is there for nobody but them, until it is erased.

create or replace function braid_simulates() returns boolean language sql stable
    as $$ select braid_may('simulation') $$;

create policy seen on braid_simulationnetwork for select to braid_pages using ((select braid_simulates()));

create policy seen on braid_simulationquestion for select to braid_pages using (
    (select braid_simulates()) and (ended_at is null or ended_by = braid_username()));
create policy asked on braid_simulationquestion for insert to braid_pages with check (
    (select braid_simulates()) and asked_by = braid_username() and state = 'waiting' and done = 0 and tries = 0
    and failure = '' and ended_at is null
    and exists (select 1 from braid_simulationnetwork n where n.id = braid_simulationquestion.network_id));
-- Whoever asked names it, has it run again and takes it away; that it is answered is said by its answer.
create policy kept on braid_simulationquestion for update to braid_pages
    using ((select braid_simulates()) and asked_by = braid_username() and ended_at is null)
    with check (asked_by = braid_username() and ended_by in ('', braid_username()));

create policy seen on braid_simulationanswer for select to braid_pages using (
    exists (select 1 from braid_simulationquestion q where q.id = braid_simulationanswer.question_id));
