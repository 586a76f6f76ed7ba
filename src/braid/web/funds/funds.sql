-- The ledger of joint funds: money, and about nobody. Read by whose role governs, written by whose role keeps the ledger, each
-- in their own name. That nothing is changed, sums are zero and closed periods stay closed is held by triggers of the tables.

create policy seen on braid_ledgerfund for select to braid_pages using ((select braid_governs()));
create policy opened on braid_ledgerfund for insert to braid_pages with check (
    (select braid_keeps_ledger()) and opened_by = braid_username());
-- Taken to lock a fund, and changed by the row of a closed period alone.
create policy closed on braid_ledgerfund for update to braid_pages
    using ((select braid_keeps_ledger())) with check ((select braid_keeps_ledger()));

create policy seen on braid_ledgerperiod for select to braid_pages using ((select braid_governs()));
create policy closed on braid_ledgerperiod for insert to braid_pages with check (
    (select braid_keeps_ledger()) and closed_by = braid_username());

create policy seen on braid_ledgerentry for select to braid_pages using ((select braid_governs()));
create policy posted on braid_ledgerentry for insert to braid_pages with check (
    (select braid_keeps_ledger()) and posted_by = braid_username());

create policy seen on braid_ledgerline for select to braid_pages using ((select braid_governs()));
create policy posted on braid_ledgerline for insert to braid_pages with check (
    (select braid_keeps_ledger()) and exists (select 1 from braid_ledgerentry e
        where e.id = braid_ledgerline.entry_id and e.posted_by = braid_username()));

create policy seen on braid_ledgerdecision for select to braid_pages using ((select braid_governs()));
create policy decided on braid_ledgerdecision for insert to braid_pages with check (
    (select braid_keeps_ledger()) and decided_by = braid_username());

-- What services of a cohort cost each payer: sums over people that went through disclosure control before they came here.
create policy seen on braid_cohortcost for select to braid_pages using ((select braid_governs()));
