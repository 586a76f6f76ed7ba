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
            and (
                exists (select 1 from braid_reach r join braid_my_right m on m.kind = 'relation' and m.value = r.relation
                    where r.person_id = wanted_person and r.purpose = braid_purpose())
                or exists (select 1 from braid_my_right where kind = 'relation' and value = 'place')
                or exists (select 1 from braid_breakglass b where b.person_id = wanted_person
                    and b.username = braid_username() and b.purpose = braid_purpose() and b.ended_at is null
                    and b.live_from <= statement_timestamp() and statement_timestamp() < b.live_to)), false);
    end $$;
