-- Who lives with whom. A household is shown to whoever may see both of two people, reaches them by work with one of them,
-- and is kept from nobody who ever lived with either: else every row of theirs is gone, so that no break in a spell, no
-- cause and no missing name tells of somebody. People whose location is withheld are not in these tables at all.

-- People who once lived with somebody who does not exist for this human. The list itself nobody may read.
create or replace function braid_hidden_homes() returns setof varchar language plpgsql stable security definer
    set search_path = public, pg_temp
    as $$ begin
        return query select k.person_id::varchar from braid_kept_away k
            union select c.person_id from braid_cohabitant c
                where c.other_id in (select k.person_id from braid_kept_away k);
    end $$;

-- The backlogs of which role and agreements open any waits to this human: what a source says beside them is shown likewise.
create or replace function braid_my_backlogs() returns setof varchar language plpgsql stable
    as $$ begin
        return query select r.value from braid_my_right r where r.kind = 'backlog' and exists (
            select 1 from braid_my_flow f where f.purpose = braid_purpose() and f.item = 'waits.' || r.value);
    end $$;

-- A role that reaches the whole place is shown nobody's household: it would be a register of who lives with whom.
create policy seen on braid_homespell for select to braid_pages using (
    (select braid_opens('household')) and (select braid_has_right('location', 'yes'))
    and (select not braid_has_right('relation', 'place'))
    and (select true from braid_personwait w where w.person_id = braid_homespell.person_id limit 1)
    and (other_id is null or (select true from braid_personwait w where w.person_id = braid_homespell.other_id limit 1))
    and ((select not braid_has_grant()) or (braid_shows(person_id, 'household')
        and (other_id is null or braid_shows(other_id, 'household')))));
create policy not_hidden on braid_homespell as restrictive for select to braid_pages using (
    person_id not in (select h.person_id from braid_hidden_homes() as h (person_id))
    and (other_id is null or other_id not in (select h.person_id from braid_hidden_homes() as h (person_id))));

create policy seen on braid_kinship for select to braid_pages using (
    backlog in (select braid_my_backlogs()) and sensitivity in (select braid_my_values('sensitivity'))
    and (select true from braid_homespell s
        where s.person_id = braid_kinship.person_id and s.other_id = braid_kinship.other_id limit 1));
create policy not_hidden on braid_kinship as restrictive for select to braid_pages using (
    person_id not in (select person_id from braid_hidden) and other_id not in (select person_id from braid_hidden));
