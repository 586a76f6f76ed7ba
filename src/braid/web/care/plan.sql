-- Joint plans: read by who takes part, sees the whole of the case and is shown anything of whom the plan is for; whoever
-- sees only their own part, or the side of who is apart alone, finds that there is a plan, their own actions in it, and what
-- their own organisation is asked. Goals change in a draft alone. A plan is approved once every organisation that is asked
-- has said so for itself, and not before, whatever a page says.

create or replace function braid_my_plans()
    returns table (plan_id uuid, case_id uuid, state varchar, rights varchar, whole boolean, is_lead boolean)
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$ begin
        return query
            select p.id, c.case_id, p.state, c.rights, c.is_lead or (c.sight = 'whole' and c.case_id in (
                    select s.case_id from braid_my_sides() s where s.sees_harmed)), c.is_lead
                from braid_my_cases() c join braid_jointplan p on p.case_id = c.case_id;
    end $$;

-- How many organisations have still to approve a plan in this round; of a plan that is not this human's, one.
create or replace function braid_still_asked(wanted uuid) returns bigint
    language plpgsql stable security definer set search_path = public, pg_temp
    as $$
    declare left_over bigint; all_asked bigint;
    begin
        select count(*) filter (where a.state <> 'approved'), count(*) into left_over, all_asked
            from braid_planapproval a join braid_jointplan p on p.id = a.plan_id and p.round = a.round
            where p.id = wanted and p.id in (select m.plan_id from braid_my_plans() m);
        return case when all_asked = 0 then 1 else left_over end;
    end $$;

create policy seen on braid_jointplan for select to braid_pages using (
    id in (select m.plan_id from braid_my_plans() m));
create policy begun on braid_jointplan for insert to braid_pages with check (
    made_by = braid_username() and state = 'draft' and round = 0
    and case_id in (select c.case_id from braid_my_cases() c where c.rights = 'edit' and c.sight = 'whole'));
create policy changed on braid_jointplan for update to braid_pages
    using (state in ('draft', 'proposed', 'approved')
        and id in (select m.plan_id from braid_my_plans() m where m.rights = 'edit'))
    with check (state <> 'approved' or braid_still_asked(id) = 0);

create policy seen on braid_plangoal for select to braid_pages using (
    plan_id in (select m.plan_id from braid_my_plans() m where m.whole));
create policy written on braid_plangoal for insert to braid_pages with check (
    written_by = braid_username() and ended_at is null
    and exists (select 1 from braid_my_plans() m join braid_casesubject s on s.case_id = m.case_id
        where m.plan_id = braid_plangoal.plan_id and m.whole and m.rights = 'edit' and m.state = 'draft'
            and s.id = braid_plangoal.subject_id and s.person_id <> '' and s.ended_at is null));
create policy ended on braid_plangoal for update to braid_pages
    using (plan_id in (
        select m.plan_id from braid_my_plans() m where m.whole and m.rights = 'edit' and m.state = 'draft'))
    with check (ended_at is not null);

-- Which actions lead to a goal follows the actions: whoever sees only their own part sees their own team's.
create policy seen on braid_goalaction for select to braid_pages using (
    plan_id in (select m.plan_id from braid_my_plans() m)
    and exists (select 1 from braid_careaction a where a.id = braid_goalaction.action_id));
create policy written on braid_goalaction for insert to braid_pages with check (
    ended_at is null
    and exists (select 1 from braid_plangoal g join braid_my_plans() m on m.plan_id = g.plan_id
        join braid_careaction a on a.case_id = m.case_id
        where g.id = braid_goalaction.goal_id and g.plan_id = braid_goalaction.plan_id
            and a.id = braid_goalaction.action_id and a.strand <> 'apart'
            and m.whole and m.rights = 'edit' and m.state = 'draft'));
create policy ended on braid_goalaction for update to braid_pages
    using (exists (select 1 from braid_plangoal g join braid_my_plans() m on m.plan_id = g.plan_id
        where g.id = braid_goalaction.goal_id and m.whole and m.rights = 'edit' and m.state = 'draft'))
    with check (ended_at is not null);

create policy seen on braid_planapproval for select to braid_pages using (
    exists (select 1 from braid_my_plans() m where m.plan_id = braid_planapproval.plan_id
        and (m.whole or braid_planapproval.organisation = braid_my_organisation())));
create policy asked on braid_planapproval for insert to braid_pages with check (
    state = 'asked' and answered_by = ''
    and plan_id in (select m.plan_id from braid_my_plans() m where m.is_lead and m.state = 'proposed'));
create policy answered on braid_planapproval for update to braid_pages
    using (state = 'asked' and organisation = braid_my_organisation()
        and plan_id in (select m.plan_id from braid_my_plans() m where m.rights = 'edit' and m.state = 'proposed'))
    with check (answered_by = braid_username() and organisation = braid_my_organisation());

create policy seen on braid_planreview for select to braid_pages using (
    plan_id in (select m.plan_id from braid_my_plans() m where m.whole));
create policy written on braid_planreview for insert to braid_pages with check (
    written_by = braid_username()
    and plan_id in (
        select m.plan_id from braid_my_plans() m where m.whole and m.rights = 'edit' and m.state = 'approved'));
create policy seen on braid_goalreview for select to braid_pages using (
    exists (select 1 from braid_planreview r where r.id = braid_goalreview.review_id));
create policy written on braid_goalreview for insert to braid_pages with check (
    exists (select 1 from braid_planreview r join braid_plangoal g on g.plan_id = r.plan_id
        where r.id = braid_goalreview.review_id and g.id = braid_goalreview.goal_id
            and r.written_by = braid_username()));

-- That somebody was given a view of their own plan, and what they said by it. Views are made by the owner's function.
create policy seen on braid_ownview for select to braid_pages using (
    case_id in (select c.case_id from braid_my_cases() c where c.sight = 'whole' or c.is_lead));
create policy revoked on braid_ownview for update to braid_pages
    using (revoked_at is null and case_id in (select c.case_id from braid_my_cases() c where c.is_lead))
    with check (revoked_by = braid_username());
create policy seen on braid_ownwords for select to braid_pages using (
    exists (select 1 from braid_ownview v where v.id = braid_ownwords.view_id));
