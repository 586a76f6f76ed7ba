"""The addresses of SCIM, under /scim/v2/."""

from django.urls import path

from braid.api.scim import scim_config, scim_group, scim_groups, scim_user, scim_users

urlpatterns = [
    path("ServiceProviderConfig", scim_config, name="scim_config"),
    path("Users", scim_users, name="scim_users"),
    path("Users/<int:account_id>", scim_user, name="scim_user"),
    path("Groups", scim_groups, name="scim_groups"),
    path("Groups/<slug:group_id>", scim_group, name="scim_group"),
]
