"""What each reason of a refusal means, and what helps: the table of /help/problems."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.model.errors import N_
from shared.model.reasons import Reason


class Explanation(NamedTuple):
    """The HTTP status that goes with it, and two sentences, which are catalogue keys."""

    status: int
    meaning: str
    remedy: str


EXPLANATIONS: Final[Mapping[Reason, Explanation]] = {
    Reason.MALFORMED: Explanation(
        400,
        N_("The request does not follow the protocol: its body is not what its headers say."),
        N_("Correct how the request is made. Repeating it as it is will not help."),
    ),
    Reason.KEY_MISSING: Explanation(
        400,
        N_("The operation is carried out once for each Idempotency-Key, and the request came without one."),
        N_("Send the header Idempotency-Key with a text of your own, and the same one with every retry."),
    ),
    Reason.NOT_AUTHENTICATED: Explanation(
        401,
        N_("Nobody is logged in, the session has ended, or the login was refused."),
        N_("Log in, or send an access token."),
    ),
    Reason.INVALID_TOKEN: Explanation(
        401,
        N_("The access token has expired, was revoked, or was not made for this site."),
        N_("Get another token and repeat the request."),
    ),
    Reason.FORBIDDEN: Explanation(
        403,
        N_("Whoever asks is known, but may not do this."),
        N_("Ask the operator of this site for the permission."),
    ),
    Reason.INSUFFICIENT_SCOPE: Explanation(
        403,
        N_("The access token lacks a scope. The header WWW-Authenticate names it."),
        N_("Ask for a token with this scope. If that is refused, the operator has to grant it to your client."),
    ),
    Reason.ROLE_RESTS: Explanation(
        403,
        N_("A member of staff has the permission, but no second factor yet, without which it rests."),
        N_("Set up a second factor on the account page and log in again."),
    ),
    Reason.FROM_ELSEWHERE: Explanation(
        403,
        N_("A browser sent this with its session, but from a page of another site."),
        N_("Open the page here. Programs use access tokens instead of sessions."),
    ),
    Reason.OF_ANOTHER: Explanation(
        403,
        N_("The job opening was published by another organisation."),
        N_("Ask the organisation that published it, or an administrator."),
    ),
    Reason.NOT_FOUND: Explanation(
        404,
        N_("There is no such thing, or it is out of reach for whoever asks."),
        N_("Check the address and the id. Read the list again to see what there is."),
    ),
    Reason.METHOD_NOT_ALLOWED: Explanation(
        405,
        N_("The address exists, but not for this method."),
        N_("Use one of the methods that the header Allow lists."),
    ),
    Reason.TOO_SLOW: Explanation(
        408,
        N_("The request did not arrive whole within five minutes."),
        N_("Send less at once, or send it again over a better connection."),
    ),
    Reason.CONFLICT: Explanation(
        409,
        N_("The present state does not permit it, or somebody else changed something at the same moment."),
        N_("Read the thing again, then decide whether to repeat the request."),
    ),
    Reason.CHANGED_ELSEWHERE: Explanation(
        409,
        N_("What was sent was made from an older version than the one that is saved now. Nothing was overwritten."),
        N_("Read it again, bring the changes together, and send the result."),
    ),
    Reason.MADE_FOR_ANOTHER: Explanation(
        409,
        N_("Another person is logged in now than when the page was opened."),
        N_("Let the first person log in again in another window, then send the page again."),
    ),
    Reason.KEY_IN_USE: Explanation(
        409,
        N_("The first request with this Idempotency-Key is still being carried out."),
        N_("Wait a moment and repeat the same request with the same key."),
    ),
    Reason.ALREADY_THERE: Explanation(
        409,
        N_("What should be added exists already."),
        N_("Use the one that exists, or change it."),
    ),
    Reason.ALREADY_APPLIED: Explanation(
        409,
        N_("The candidate has applied already: there is one application for each opening, even after a withdrawal."),
        N_("Choose another job opening."),
    ),
    Reason.NOT_EDITABLE: Explanation(
        409,
        N_("The application was submitted. Nothing in it can be changed any more."),
        N_("Leave it as it is, or withdraw it, which cannot be undone."),
    ),
    Reason.STATUS_NOT_POSSIBLE: Explanation(
        409,
        N_("The application cannot go from its present status to the one that was asked for."),
        N_("Read its status first: applied leads to under_consideration, and that to an outcome."),
    ),
    Reason.KNOWN_OTHERWISE: Explanation(
        409,
        N_("A job opening with this number is published already and says something else."),
        N_("Amend it or extend its deadline instead of publishing it again."),
    ),
    Reason.VACANCY_NOT_OPEN: Explanation(
        409,
        N_("The job opening has closed, was cancelled, is not open yet, or takes no applications here."),
        N_("Read the job opening to see its dates. One that has closed or was cancelled does not open again."),
    ),
    Reason.TICKET_CLOSED: Explanation(
        409,
        N_("The request to support is closed or was declined."),
        N_("Reopen it where that is offered, or open another one."),
    ),
    Reason.SEARCH_EXPIRED: Explanation(
        409,
        N_("The saved search has expired."),
        N_("Renew it first."),
    ),
    Reason.TOO_MANY_KEPT: Explanation(
        409,
        N_("There are as many of these as there may be."),
        N_("Remove one that is no longer needed."),
    ),
    Reason.USED_CODE: Explanation(
        409,
        N_("The code was used before."),
        N_("Ask for another code, or log in if it was you."),
    ),
    Reason.ERASED: Explanation(
        410,
        N_("It was there, and what was personal in it has been erased for ever."),
        N_("Delete your copies of it. Ids, dates and statuses can still be read."),
    ),
    Reason.VERSION_CHANGED: Explanation(
        412,
        N_("The thing is no longer as the entity tag in If-Match says. Nothing was done."),
        N_("Read it again, decide anew, and send the new tag."),
    ),
    Reason.TOO_LARGE: Explanation(
        413,
        N_("The body is larger than what this operation reads."),
        N_("Send less: a smaller file, or the rest in another request."),
    ),
    Reason.ADDRESS_TOO_LONG: Explanation(
        414,
        N_("The address is too long, or has too many parameters."),
        N_("Ask for fewer things at once."),
    ),
    Reason.UNSUPPORTED_FORMAT: Explanation(
        415,
        N_("The body is of a format that is not read here, or is compressed."),
        N_("Send JSON with Content-Type: application/json, and without Content-Encoding."),
    ),
    Reason.INVALID: Explanation(
        422,
        N_("Something in the request cannot be accepted. Each entry of “errors” names the place and the reason."),
        N_("Correct these places and send the request again."),
    ),
    Reason.NOT_COMPLETE: Explanation(
        422,
        N_("The application cannot be submitted yet. Each entry of “errors” says what is missing."),
        N_("Complete these sections and submit again."),
    ),
    Reason.UNSTORABLE: Explanation(
        422,
        N_("A text contains a character that cannot be stored: NUL, or half of a surrogate pair."),
        N_("Remove this character, and send text in UTF-8."),
    ),
    Reason.UNKNOWN_PLACE: Explanation(
        422,
        N_("The service has no event with the id from which the feed should go on."),
        N_("Go on from an older event, or begin at the first one: events that you know can be told by their ids."),
    ),
    Reason.KEY_REUSED: Explanation(
        422,
        N_("This Idempotency-Key was used for another request."),
        N_("Use a new key for a new request, and the old one only to repeat the old request unchanged."),
    ),
    Reason.TOO_MANY_REQUESTS: Explanation(
        429,
        N_("There were too many requests in a short time."),
        N_("Wait as many seconds as the header Retry-After says."),
    ),
    Reason.HEADERS_TOO_LARGE: Explanation(
        431,
        N_("The headers, cookies among them, are larger than the site reads."),
        N_("Send fewer or shorter headers."),
    ),
    Reason.INTERNAL: Explanation(
        500,
        N_("Something went wrong on our side. Whether the request was carried out is not known."),
        N_("Repeat it with the same Idempotency-Key. If it goes on, give support the reference."),
    ),
    Reason.UNAVAILABLE: Explanation(
        503,
        N_("Something that is needed does not answer for the moment."),
        N_("Repeat the request after as many seconds as the header Retry-After says, with the same Idempotency-Key."),
    ),
}
