-- Whether this human may read this item of this person: the decision of braid.trust.decide once more, but for the second
-- factor, which the database does not know. Runs with the rights of the owner of the published tables, for the vault's
-- role alone, which reads none of them.

create or replace function braid_vault_permits(wanted_person varchar, wanted_item varchar) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    begin
        return coalesce(
            exists (select 1 from braid_my_right where kind = 'vault' and value = wanted_item)
            and exists (select 1 from braid_my_flow
                where purpose = braid_purpose() and provider = '' and item = wanted_item)
            and not exists (select 1 from braid_hidden_people() as hidden (person_id)
                where hidden.person_id = wanted_person)
            and exists (select 1 from braid_protection p where p.person_id = wanted_person)
            and braid_shows(wanted_person, wanted_item), false);
    end $$;

-- A safe contact for whoever is to confirm it: to a lead who is not kept from the person, did not enter it, and while it
-- waits. The only way by which its sealed bytes reach a page.
create or replace function braid_contact_to_confirm(wanted bigint)
    returns table (person_id varchar, key_id varchar, wrapped bytea, sealed bytea)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    begin
        return query select c.person_id, c.key_id, c.wrapped, c.sealed from braid_safecontact c
            where c.id = wanted and c.second_by = '' and c.ended_at is null and c.entered_by <> braid_username()
            and exists (select 1 from braid_my_lead)
            and not exists (select 1 from braid_hidden_people() as hidden (person_id)
                where hidden.person_id = c.person_id);
    end $$;
