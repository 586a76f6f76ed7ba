"""The forms of signing in: the second step, a key's name, another password."""

from django import forms
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm

from braid.web.forms import CODE


class CodeForm(forms.Form):
    """The one-time code of a second step."""

    code = forms.CharField(max_length=20, error_messages={"required": "Enter the code that your authenticator shows"})

    def clean_code(self) -> str:
        """Return the code without spaces; refuse what is not six digits."""
        code = "".join(self.cleaned_data["code"].split())
        if not CODE.fullmatch(code):
            raise forms.ValidationError("Enter the code as six digits")
        return code

    def refuse(self, words: str) -> None:
        """Say that it is not taken."""
        self.add_error("code", words)


class KeyForm(forms.Form):
    """What a new key is called, and what the browser made."""

    name = forms.CharField(max_length=60, error_messages={"required": "Enter what you call this key"})
    made = forms.CharField(
        max_length=20_000, error_messages={"required": "The browser made no key. Press the button and follow its words"}
    )


class OwnPasswordForm(PasswordChangeForm):
    """The password as it is, and another one twice."""

    error_messages = {
        "password_incorrect": "Enter the password that you have now",
        "password_mismatch": "Enter the same new password twice",
    }


class FirstPasswordForm(SetPasswordForm):
    """One's own password, twice, in place of the one that somebody else gave."""

    error_messages = {"password_mismatch": "Enter the same new password twice"}

    def clean_new_password1(self) -> str:
        """Refuse the password that was given."""
        chosen: str = self.cleaned_data["new_password1"]
        if self.user.check_password(chosen):
            raise forms.ValidationError("Choose another password than the one that you were given")
        return chosen
