"""The joint response: referral, joint case, meeting, decision, action, each chased to its end. Rules, no framework."""
