"""Open Referral UK 3 by address: the directory of services, for anybody."""
