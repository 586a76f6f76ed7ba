-- Outcomes: figures of the place as they were published, for whose role governs, for no purpose and about nobody.

create policy seen on braid_outcomeframework for select to braid_pages using ((select braid_governs()));
create policy seen on braid_outcomedefinition for select to braid_pages using ((select braid_governs()));
create policy seen on braid_outcomefigure for select to braid_pages using ((select braid_governs()));
