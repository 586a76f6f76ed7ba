-- What whoever asks may do for the whole place, by their role: see what boards decide about, prepare it, keep the ledger.
-- The rooms of the place ask these; each is a right of a role and for no purpose.

create or replace function braid_may(wanted varchar) returns boolean language plpgsql stable
    as $$ begin
        return exists (select 1 from braid_user u join braid_roleright r on r.role = u.role
            where u.username = braid_username() and u.is_active and r.kind = wanted
                and braid_asks_rightly(u.id, u.is_system));
    end $$;
create or replace function braid_governs() returns boolean language sql stable as $$ select braid_may('governance') $$;
create or replace function braid_commissions() returns boolean language sql stable
    as $$ select braid_may('commissioning') $$;
create or replace function braid_keeps_ledger() returns boolean language sql stable as $$ select braid_may('ledger') $$;
