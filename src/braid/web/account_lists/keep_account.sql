-- What an organisation does to its own accounts by its token (SCIM). Pages may write no account: this function does, for
-- whoever shows a token that is in force, in that token's organisation, with that token's roles, and nothing else.
-- A name is given once: exclusions and restrictions, teams, cases and the record know a human by it, so that one who
-- were called otherwise would be let past what was entered of them, and the next one of that name would inherit it.
create or replace function braid_keep_account(
    token varchar, account bigint, name varchar, shown varchar, new_role varchar, mail varchar, subject varchar, active boolean
) returns bigint language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    may braid_provisioningtoken;
    found braid_user;
begin
    select * into may from braid_provisioningtoken t
        where t.digest = encode(sha256(convert_to(token, 'UTF8')), 'hex') and t.expires_at > statement_timestamp();
    if may.id is null then
        return -1;
    end if;
    if account is null then
        if new_role <> '' and not may.roles ? new_role then
            return -2;
        end if;
        if exists (select from braid_user u where lower(u.username) = lower(name)) then
            return -5;
        end if;
        insert into braid_user (password, is_superuser, username, email, is_staff, is_active, date_joined, display_name,
            organisation, is_demo, role, provider_subject, is_recovery)
        values ('!' || encode(sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'hex'), false, name, mail, false, active,
            now(), shown, may.organisation, false, new_role, subject, false)
        returning id into account;
        return account;
    end if;
    select * into found from braid_user u
        where u.id = account and u.organisation = may.organisation
            and not u.is_demo and not u.is_recovery and not u.is_system for update;
    if found.id is null then
        return -3;
    end if;
    if found.role <> '' and not may.roles ? found.role then
        return -3;
    end if;
    if new_role <> '' and not may.roles ? new_role then
        return -2;
    end if;
    if name <> found.username then
        return -4;
    end if;
    update braid_user u set email = mail, display_name = shown, role = new_role, provider_subject = subject,
        is_active = active where u.id = account;
    if not active then
        delete from braid_apitoken t where t.user_id = account;
        delete from braid_secondfactor f where f.user_id = account;
        delete from braid_securitykey k where k.user_id = account;
    end if;
    if not active or new_role <> found.role or subject <> found.provider_subject then
        delete from braid_signedsession s where s.user_id = account;
    end if;
    return account;
end $$;
