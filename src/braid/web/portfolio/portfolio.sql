-- What bodies may buy jointly, studies of it and choices of a plan: for whose role governs, for no purpose and about nobody.
-- Whoever governs may ask with other budgets; a commissioner writes down what a board chose. Nothing is changed or deleted.

create policy seen on braid_placeportfolio for select to braid_pages using ((select braid_governs()));

create policy seen on braid_portfoliostudy for select to braid_pages using ((select braid_governs()));
create policy asked on braid_portfoliostudy for insert to braid_pages with check (
    (select braid_governs()) and asked_by = braid_username() and asked_by <> '' and state = 'waiting' and done = 0
    and tries = 0 and failure = '' and document = '' and seconds is null and answered_at is null
    and exists (select 1 from braid_placeportfolio p where p.id = braid_portfoliostudy.portfolio_id));

create policy seen on braid_portfoliochoice for select to braid_pages using ((select braid_governs()));
create policy chosen on braid_portfoliochoice for insert to braid_pages with check (
    (select braid_commissions()) and written_by = braid_username()
    and exists (select 1 from braid_portfoliostudy s where s.id = braid_portfoliochoice.study_id and s.state = 'done'));
