# SPDX-License-Identifier: MPL-2.0
"""A refusal in AWS's words. The wire form is wire.py's business."""


class AwsError(Exception):
    def __init__(self, code, message, status=400):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def invalid_value(message):
    return AwsError("InvalidParameterValue", message)


def invalid_combination(message):
    return AwsError("InvalidParameterCombination", message)


# The JSON services name the same refusals differently (RDS common errors / KMS common errors in
# the API references), and answer all of them with 400.
JSON_CODES = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "NotFound": "NotFoundException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "Throttling": "ThrottlingException",
}
