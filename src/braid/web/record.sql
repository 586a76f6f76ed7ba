-- The record: read by whoever accounts for it, and of somebody whom they are kept from nothing but what they did themselves;
-- else its absence would tell. A page adds what its human does, in their name. Who is not known to the database yet, or no
-- more, leaves refusals, sign-ins and sign-outs alone; an organisation that keeps its accounts is no human, and leaves
-- changes of accounts in nobody's name. Adding asks for nothing back: whoever may not read may still add.

create policy seen on braid_auditentry for select to braid_pages using (
    (select braid_accounts_for_looks()));
create policy not_hidden on braid_auditentry as restrictive for select to braid_pages using (
    username = (select coalesce(braid_username(), ''))
    or person_id not in (select person_id from braid_hidden));
create policy added on braid_auditentry for insert to braid_pages with check (
    username = braid_username()
    or (braid_username() is null and kind in ('refused', 'signed_in', 'signed_out'))
    or (braid_username() is null and kind = 'account_changed' and page = 'scim' and username = ''));
