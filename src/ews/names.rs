// Made from wsdl/ by tests/it/names.rs: do not edit, run
// `UPDATE=1 cargo test --test it names`.

use super::ServerVersion;
use super::response_kind;
use crate::error::ErrorKind;
use crate::xml::names;

names! {
    /// How a request, or one item of it, went.
    ///
    /// The names are those of [ResponseCode][reference], and some that servers send although the
    /// reference does not list them. An unknown code is kept as `Other`.
    ///
    /// [reference]: https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode
    pub open enum ResponseCode {
        NoError = "NoError",
        ErrorADOperation = "ErrorADOperation",
        ErrorADSessionFilter = "ErrorADSessionFilter",
        ErrorADUnavailable = "ErrorADUnavailable",
        ErrorAccessDenied = "ErrorAccessDenied",
        ErrorAccessModeSpecified = "ErrorAccessModeSpecified",
        ErrorAccountDisabled = "ErrorAccountDisabled",
        ErrorAccountSuspend = "ErrorAccountSuspend",
        ErrorAccountSuspendShowTierUpgrade = "ErrorAccountSuspendShowTierUpgrade",
        ErrorAddDelegatesFailed = "ErrorAddDelegatesFailed",
        ErrorAddressSpaceNotFound = "ErrorAddressSpaceNotFound",
        ErrorAffectedTaskOccurrencesRequired = "ErrorAffectedTaskOccurrencesRequired",
        ErrorApplyConversationActionFailed = "ErrorApplyConversationActionFailed",
        ErrorArchiveFolderPathCreation = "ErrorArchiveFolderPathCreation",
        ErrorArchiveMailboxNotEnabled = "ErrorArchiveMailboxNotEnabled",
        ErrorArchiveMailboxSearchFailed = "ErrorArchiveMailboxSearchFailed",
        ErrorArchiveMailboxServiceDiscoveryFailed = "ErrorArchiveMailboxServiceDiscoveryFailed",
        ErrorAttachmentNestLevelLimitExceeded = "ErrorAttachmentNestLevelLimitExceeded",
        ErrorAttachmentSizeLimitExceeded = "ErrorAttachmentSizeLimitExceeded",
        ErrorAutoDiscoverFailed = "ErrorAutoDiscoverFailed",
        ErrorAvailabilityConfigNotFound = "ErrorAvailabilityConfigNotFound",
        ErrorBatchProcessingStopped = "ErrorBatchProcessingStopped",
        ErrorCalendarCannotMoveOrCopyOccurrence = "ErrorCalendarCannotMoveOrCopyOccurrence",
        ErrorCalendarCannotUpdateDeletedItem = "ErrorCalendarCannotUpdateDeletedItem",
        ErrorCalendarCannotUseIdForOccurrenceId = "ErrorCalendarCannotUseIdForOccurrenceId",
        ErrorCalendarCannotUseIdForRecurringMasterId = "ErrorCalendarCannotUseIdForRecurringMasterId",
        ErrorCalendarDurationIsTooLong = "ErrorCalendarDurationIsTooLong",
        ErrorCalendarEndDateIsEarlierThanStartDate = "ErrorCalendarEndDateIsEarlierThanStartDate",
        ErrorCalendarFolderIsInvalidForCalendarView = "ErrorCalendarFolderIsInvalidForCalendarView",
        ErrorCalendarForwardActionNotAllowed = "ErrorCalendarForwardActionNotAllowed",
        ErrorCalendarInvalidAttributeValue = "ErrorCalendarInvalidAttributeValue",
        ErrorCalendarInvalidDayForTimeChangePattern = "ErrorCalendarInvalidDayForTimeChangePattern",
        ErrorCalendarInvalidDayForWeeklyRecurrence = "ErrorCalendarInvalidDayForWeeklyRecurrence",
        ErrorCalendarInvalidPropertyState = "ErrorCalendarInvalidPropertyState",
        ErrorCalendarInvalidPropertyValue = "ErrorCalendarInvalidPropertyValue",
        ErrorCalendarInvalidRecurrence = "ErrorCalendarInvalidRecurrence",
        ErrorCalendarInvalidTimeZone = "ErrorCalendarInvalidTimeZone",
        ErrorCalendarIsCancelledForAccept = "ErrorCalendarIsCancelledForAccept",
        ErrorCalendarIsCancelledForDecline = "ErrorCalendarIsCancelledForDecline",
        ErrorCalendarIsCancelledForRemove = "ErrorCalendarIsCancelledForRemove",
        ErrorCalendarIsCancelledForTentative = "ErrorCalendarIsCancelledForTentative",
        ErrorCalendarIsDelegatedForAccept = "ErrorCalendarIsDelegatedForAccept",
        ErrorCalendarIsDelegatedForDecline = "ErrorCalendarIsDelegatedForDecline",
        ErrorCalendarIsDelegatedForRemove = "ErrorCalendarIsDelegatedForRemove",
        ErrorCalendarIsDelegatedForTentative = "ErrorCalendarIsDelegatedForTentative",
        ErrorCalendarIsGroupMailboxForAccept = "ErrorCalendarIsGroupMailboxForAccept",
        ErrorCalendarIsGroupMailboxForDecline = "ErrorCalendarIsGroupMailboxForDecline",
        ErrorCalendarIsGroupMailboxForSuppressReadReceipt = "ErrorCalendarIsGroupMailboxForSuppressReadReceipt",
        ErrorCalendarIsGroupMailboxForTentative = "ErrorCalendarIsGroupMailboxForTentative",
        ErrorCalendarIsNotOrganizer = "ErrorCalendarIsNotOrganizer",
        ErrorCalendarIsOrganizerForAccept = "ErrorCalendarIsOrganizerForAccept",
        ErrorCalendarIsOrganizerForDecline = "ErrorCalendarIsOrganizerForDecline",
        ErrorCalendarIsOrganizerForRemove = "ErrorCalendarIsOrganizerForRemove",
        ErrorCalendarIsOrganizerForTentative = "ErrorCalendarIsOrganizerForTentative",
        ErrorCalendarMeetingRequestIsOutOfDate = "ErrorCalendarMeetingRequestIsOutOfDate",
        ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange = "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange",
        ErrorCalendarOccurrenceIsDeletedFromRecurrence = "ErrorCalendarOccurrenceIsDeletedFromRecurrence",
        ErrorCalendarOutOfRange = "ErrorCalendarOutOfRange",
        ErrorCalendarSeekToConditionNotSupported = "ErrorCalendarSeekToConditionNotSupported",
        ErrorCalendarViewRangeTooBig = "ErrorCalendarViewRangeTooBig",
        ErrorCallerIsInvalidADAccount = "ErrorCallerIsInvalidADAccount",
        ErrorCannotAccessDeletedPublicFolder = "ErrorCannotAccessDeletedPublicFolder",
        ErrorCannotArchiveCalendarContactTaskFolderException = "ErrorCannotArchiveCalendarContactTaskFolderException",
        ErrorCannotArchiveItemsInArchiveMailbox = "ErrorCannotArchiveItemsInArchiveMailbox",
        ErrorCannotArchiveItemsInPublicFolders = "ErrorCannotArchiveItemsInPublicFolders",
        ErrorCannotCreateCalendarItemInNonCalendarFolder = "ErrorCannotCreateCalendarItemInNonCalendarFolder",
        ErrorCannotCreateContactInNonContactFolder = "ErrorCannotCreateContactInNonContactFolder",
        ErrorCannotCreatePostItemInNonMailFolder = "ErrorCannotCreatePostItemInNonMailFolder",
        ErrorCannotCreateTaskInNonTaskFolder = "ErrorCannotCreateTaskInNonTaskFolder",
        ErrorCannotDeleteObject = "ErrorCannotDeleteObject",
        ErrorCannotDeleteTaskOccurrence = "ErrorCannotDeleteTaskOccurrence",
        ErrorCannotDisableMandatoryExtension = "ErrorCannotDisableMandatoryExtension",
        ErrorCannotDownloadExtensionManifest = "ErrorCannotDownloadExtensionManifest",
        ErrorCannotEmptyFolder = "ErrorCannotEmptyFolder",
        ErrorCannotFindUser = "ErrorCannotFindUser",
        ErrorCannotGetExternalEcpUrl = "ErrorCannotGetExternalEcpUrl",
        ErrorCannotGetSourceFolderPath = "ErrorCannotGetSourceFolderPath",
        ErrorCannotOpenFileAttachment = "ErrorCannotOpenFileAttachment",
        ErrorCannotSetCalendarPermissionOnNonCalendarFolder = "ErrorCannotSetCalendarPermissionOnNonCalendarFolder",
        ErrorCannotSetNonCalendarPermissionOnCalendarFolder = "ErrorCannotSetNonCalendarPermissionOnCalendarFolder",
        ErrorCannotSetPermissionUnknownEntries = "ErrorCannotSetPermissionUnknownEntries",
        ErrorCannotSpecifySearchFolderAsSourceFolder = "ErrorCannotSpecifySearchFolderAsSourceFolder",
        ErrorCannotUninstallProvidedExtensions = "ErrorCannotUninstallProvidedExtensions",
        ErrorCannotUseFolderIdForItemId = "ErrorCannotUseFolderIdForItemId",
        ErrorCannotUseItemIdForFolderId = "ErrorCannotUseItemIdForFolderId",
        ErrorChangeKeyRequired = "ErrorChangeKeyRequired",
        ErrorChangeKeyRequiredForWriteOperations = "ErrorChangeKeyRequiredForWriteOperations",
        ErrorChannelSubscriptionAlreadyExists = "ErrorChannelSubscriptionAlreadyExists",
        ErrorChannelSubscriptionNotFound = "ErrorChannelSubscriptionNotFound",
        ErrorClientDisconnected = "ErrorClientDisconnected",
        ErrorClientIntentInvalidStateDefinition = "ErrorClientIntentInvalidStateDefinition",
        ErrorClientIntentNotFound = "ErrorClientIntentNotFound",
        ErrorConnectionFailed = "ErrorConnectionFailed",
        ErrorConnectionFailedTransientError = "ErrorConnectionFailedTransientError",
        ErrorContainsFilterWrongType = "ErrorContainsFilterWrongType",
        ErrorContentConversionFailed = "ErrorContentConversionFailed",
        ErrorContentIndexingNotEnabled = "ErrorContentIndexingNotEnabled",
        ErrorCorruptData = "ErrorCorruptData",
        ErrorCreateItemAccessDenied = "ErrorCreateItemAccessDenied",
        ErrorCreateManagedFolderPartialCompletion = "ErrorCreateManagedFolderPartialCompletion",
        ErrorCreateSubfolderAccessDenied = "ErrorCreateSubfolderAccessDenied",
        ErrorCrossMailboxMoveCopy = "ErrorCrossMailboxMoveCopy",
        ErrorCrossSiteRequest = "ErrorCrossSiteRequest",
        ErrorDataSizeLimitExceeded = "ErrorDataSizeLimitExceeded",
        ErrorDataSourceOperation = "ErrorDataSourceOperation",
        ErrorDelegateAlreadyExists = "ErrorDelegateAlreadyExists",
        ErrorDelegateCannotAddOwner = "ErrorDelegateCannotAddOwner",
        ErrorDelegateMissingConfiguration = "ErrorDelegateMissingConfiguration",
        ErrorDelegateNoUser = "ErrorDelegateNoUser",
        ErrorDelegateValidationFailed = "ErrorDelegateValidationFailed",
        ErrorDeleteDistinguishedFolder = "ErrorDeleteDistinguishedFolder",
        ErrorDeleteItemsFailed = "ErrorDeleteItemsFailed",
        ErrorDeleteUnifiedMessagingPromptFailed = "ErrorDeleteUnifiedMessagingPromptFailed",
        ErrorDiscoverySearchesDisabled = "ErrorDiscoverySearchesDisabled",
        ErrorDistinguishedUserNotSupported = "ErrorDistinguishedUserNotSupported",
        ErrorDistributionListMemberNotExist = "ErrorDistributionListMemberNotExist",
        ErrorDuplicateExtendedKeywordDefinition = "ErrorDuplicateExtendedKeywordDefinition",
        ErrorDuplicateInputFolderNames = "ErrorDuplicateInputFolderNames",
        ErrorDuplicateLegacyDistinguishedName = "ErrorDuplicateLegacyDistinguishedName",
        ErrorDuplicateSOAPHeader = "ErrorDuplicateSOAPHeader",
        ErrorDuplicateSenderRestrictionsInputFound = "ErrorDuplicateSenderRestrictionsInputFound",
        ErrorDuplicateUserIdsSpecified = "ErrorDuplicateUserIdsSpecified",
        ErrorEmailAddressMismatch = "ErrorEmailAddressMismatch",
        ErrorEventNotFound = "ErrorEventNotFound",
        ErrorExceededChannelSubscriptionCount = "ErrorExceededChannelSubscriptionCount",
        ErrorExceededConnectionCount = "ErrorExceededConnectionCount",
        ErrorExceededFindCountLimit = "ErrorExceededFindCountLimit",
        ErrorExceededMaxRecipientLimit = "ErrorExceededMaxRecipientLimit",
        ErrorExceededMaxRecipientLimitBlock = "ErrorExceededMaxRecipientLimitBlock",
        ErrorExceededMaxRecipientLimitShowTierUpgrade = "ErrorExceededMaxRecipientLimitShowTierUpgrade",
        ErrorExceededMessageLimit = "ErrorExceededMessageLimit",
        ErrorExceededMessageLimitShowTierUpgrade = "ErrorExceededMessageLimitShowTierUpgrade",
        ErrorExceededSubscriptionCount = "ErrorExceededSubscriptionCount",
        ErrorExpiredSubscription = "ErrorExpiredSubscription",
        ErrorExportRemoteArchiveItemsFailed = "ErrorExportRemoteArchiveItemsFailed",
        ErrorExtensionAlreadyInstalledForOrg = "ErrorExtensionAlreadyInstalledForOrg",
        ErrorExtensionNotFound = "ErrorExtensionNotFound",
        ErrorExtensionsNotAuthorized = "ErrorExtensionsNotAuthorized",
        ErrorFindRemoteArchiveFolderFailed = "ErrorFindRemoteArchiveFolderFailed",
        ErrorFolderCorrupt = "ErrorFolderCorrupt",
        ErrorFolderExists = "ErrorFolderExists",
        ErrorFolderNotFound = "ErrorFolderNotFound",
        ErrorFolderPropertRequestFailed = "ErrorFolderPropertRequestFailed",
        ErrorFolderPropertyRequestFailed = "ErrorFolderPropertyRequestFailed",
        ErrorFolderSave = "ErrorFolderSave",
        ErrorFolderSaveFailed = "ErrorFolderSaveFailed",
        ErrorFolderSavePropertyError = "ErrorFolderSavePropertyError",
        ErrorFreeBusyDLLimitReached = "ErrorFreeBusyDLLimitReached",
        ErrorFreeBusyGenerationFailed = "ErrorFreeBusyGenerationFailed",
        ErrorGetRemoteArchiveFolderFailed = "ErrorGetRemoteArchiveFolderFailed",
        ErrorGetRemoteArchiveItemFailed = "ErrorGetRemoteArchiveItemFailed",
        ErrorGetServerSecurityDescriptorFailed = "ErrorGetServerSecurityDescriptorFailed",
        ErrorIPGatewayNotFound = "ErrorIPGatewayNotFound",
        ErrorImContactLimitReached = "ErrorImContactLimitReached",
        ErrorImGroupDisplayNameAlreadyExists = "ErrorImGroupDisplayNameAlreadyExists",
        ErrorImGroupLimitReached = "ErrorImGroupLimitReached",
        ErrorImpersonateUserDenied = "ErrorImpersonateUserDenied",
        ErrorImpersonationDenied = "ErrorImpersonationDenied",
        ErrorImpersonationFailed = "ErrorImpersonationFailed",
        ErrorInboxRulesValidationError = "ErrorInboxRulesValidationError",
        ErrorIncorrectSchemaVersion = "ErrorIncorrectSchemaVersion",
        ErrorIncorrectUpdatePropertyCount = "ErrorIncorrectUpdatePropertyCount",
        ErrorIndividualMailboxLimitReached = "ErrorIndividualMailboxLimitReached",
        ErrorInstantSearchFailed = "ErrorInstantSearchFailed",
        ErrorInstantSearchSessionExpired = "ErrorInstantSearchSessionExpired",
        ErrorInstantSearchTimeout = "ErrorInstantSearchTimeout",
        ErrorInsufficientResources = "ErrorInsufficientResources",
        ErrorInternalServerError = "ErrorInternalServerError",
        ErrorInternalServerTransientError = "ErrorInternalServerTransientError",
        ErrorInvalidAccessLevel = "ErrorInvalidAccessLevel",
        ErrorInvalidArgument = "ErrorInvalidArgument",
        ErrorInvalidAttachmentId = "ErrorInvalidAttachmentId",
        ErrorInvalidAttachmentSubfilter = "ErrorInvalidAttachmentSubfilter",
        ErrorInvalidAttachmentSubfilterTextFilter = "ErrorInvalidAttachmentSubfilterTextFilter",
        ErrorInvalidAuthorizationContext = "ErrorInvalidAuthorizationContext",
        ErrorInvalidBulkActionType = "ErrorInvalidBulkActionType",
        ErrorInvalidChangeKey = "ErrorInvalidChangeKey",
        ErrorInvalidChannelId = "ErrorInvalidChannelId",
        ErrorInvalidChannelSubscriptionId = "ErrorInvalidChannelSubscriptionId",
        ErrorInvalidClientAccessTokenRequest = "ErrorInvalidClientAccessTokenRequest",
        ErrorInvalidClientSecurityContext = "ErrorInvalidClientSecurityContext",
        ErrorInvalidCompleteDate = "ErrorInvalidCompleteDate",
        ErrorInvalidContactEmailAddress = "ErrorInvalidContactEmailAddress",
        ErrorInvalidContactEmailIndex = "ErrorInvalidContactEmailIndex",
        ErrorInvalidCrossForestCredentials = "ErrorInvalidCrossForestCredentials",
        ErrorInvalidDelegatePermission = "ErrorInvalidDelegatePermission",
        ErrorInvalidDelegateUserId = "ErrorInvalidDelegateUserId",
        ErrorInvalidExchangeImpersonationHeaderData = "ErrorInvalidExchangeImpersonationHeaderData",
        ErrorInvalidExcludesRestriction = "ErrorInvalidExcludesRestriction",
        ErrorInvalidExpressionTypeForSubFilter = "ErrorInvalidExpressionTypeForSubFilter",
        ErrorInvalidExtendedProperty = "ErrorInvalidExtendedProperty",
        ErrorInvalidExtendedPropertyValue = "ErrorInvalidExtendedPropertyValue",
        ErrorInvalidExtensionId = "ErrorInvalidExtensionId",
        ErrorInvalidExternalSharingInitiator = "ErrorInvalidExternalSharingInitiator",
        ErrorInvalidExternalSharingSubscriber = "ErrorInvalidExternalSharingSubscriber",
        ErrorInvalidFederatedOrganizationId = "ErrorInvalidFederatedOrganizationId",
        ErrorInvalidFederationOrganizationIdentifier = "ErrorInvalidFederationOrganizationIdentifier",
        ErrorInvalidFolderId = "ErrorInvalidFolderId",
        ErrorInvalidFolderTypeForOperation = "ErrorInvalidFolderTypeForOperation",
        ErrorInvalidFractionalPagingParameters = "ErrorInvalidFractionalPagingParameters",
        ErrorInvalidFreeBusyViewType = "ErrorInvalidFreeBusyViewType",
        ErrorInvalidGetSharingFolderRequest = "ErrorInvalidGetSharingFolderRequest",
        ErrorInvalidId = "ErrorInvalidId",
        ErrorInvalidIdEmpty = "ErrorInvalidIdEmpty",
        ErrorInvalidIdMalformed = "ErrorInvalidIdMalformed",
        ErrorInvalidIdMalformedEwsLegacyIdFormat = "ErrorInvalidIdMalformedEwsLegacyIdFormat",
        ErrorInvalidIdMonikerTooLong = "ErrorInvalidIdMonikerTooLong",
        ErrorInvalidIdNotAnItemAttachmentId = "ErrorInvalidIdNotAnItemAttachmentId",
        ErrorInvalidIdReturnedByResolveNames = "ErrorInvalidIdReturnedByResolveNames",
        ErrorInvalidIdStoreObjectIdTooLong = "ErrorInvalidIdStoreObjectIdTooLong",
        ErrorInvalidIdTooManyAttachmentLevels = "ErrorInvalidIdTooManyAttachmentLevels",
        ErrorInvalidIdXml = "ErrorInvalidIdXml",
        ErrorInvalidImContactId = "ErrorInvalidImContactId",
        ErrorInvalidImDistributionGroupSmtpAddress = "ErrorInvalidImDistributionGroupSmtpAddress",
        ErrorInvalidImGroupId = "ErrorInvalidImGroupId",
        ErrorInvalidIndexedPagingParameters = "ErrorInvalidIndexedPagingParameters",
        ErrorInvalidInternetHeaderChildNodes = "ErrorInvalidInternetHeaderChildNodes",
        ErrorInvalidInternetWebProxyOnLocalServer = "ErrorInvalidInternetWebProxyOnLocalServer",
        ErrorInvalidItemForOperationAcceptItem = "ErrorInvalidItemForOperationAcceptItem",
        ErrorInvalidItemForOperationArchiveItem = "ErrorInvalidItemForOperationArchiveItem",
        ErrorInvalidItemForOperationCancelItem = "ErrorInvalidItemForOperationCancelItem",
        ErrorInvalidItemForOperationCreateItem = "ErrorInvalidItemForOperationCreateItem",
        ErrorInvalidItemForOperationCreateItemAttachment = "ErrorInvalidItemForOperationCreateItemAttachment",
        ErrorInvalidItemForOperationDeclineItem = "ErrorInvalidItemForOperationDeclineItem",
        ErrorInvalidItemForOperationExpandDL = "ErrorInvalidItemForOperationExpandDL",
        ErrorInvalidItemForOperationRemoveItem = "ErrorInvalidItemForOperationRemoveItem",
        ErrorInvalidItemForOperationSendItem = "ErrorInvalidItemForOperationSendItem",
        ErrorInvalidItemForOperationTentative = "ErrorInvalidItemForOperationTentative",
        ErrorInvalidKeepNCount = "ErrorInvalidKeepNCount",
        ErrorInvalidKeepNType = "ErrorInvalidKeepNType",
        ErrorInvalidLatitude = "ErrorInvalidLatitude",
        ErrorInvalidLicense = "ErrorInvalidLicense",
        ErrorInvalidLikeRequest = "ErrorInvalidLikeRequest",
        ErrorInvalidLogonType = "ErrorInvalidLogonType",
        ErrorInvalidLongitude = "ErrorInvalidLongitude",
        ErrorInvalidMailbox = "ErrorInvalidMailbox",
        ErrorInvalidManagedFolderProperty = "ErrorInvalidManagedFolderProperty",
        ErrorInvalidManagedFolderQuota = "ErrorInvalidManagedFolderQuota",
        ErrorInvalidManagedFolderSize = "ErrorInvalidManagedFolderSize",
        ErrorInvalidManagementRoleHeader = "ErrorInvalidManagementRoleHeader",
        ErrorInvalidMergedFreeBusyInterval = "ErrorInvalidMergedFreeBusyInterval",
        ErrorInvalidNameForNameResolution = "ErrorInvalidNameForNameResolution",
        ErrorInvalidNetworkServiceContext = "ErrorInvalidNetworkServiceContext",
        ErrorInvalidOofParameter = "ErrorInvalidOofParameter",
        ErrorInvalidOperation = "ErrorInvalidOperation",
        ErrorInvalidOrganizationRelationshipForFreeBusy = "ErrorInvalidOrganizationRelationshipForFreeBusy",
        ErrorInvalidPagingMaxRows = "ErrorInvalidPagingMaxRows",
        ErrorInvalidParentFolder = "ErrorInvalidParentFolder",
        ErrorInvalidPercentCompleteValue = "ErrorInvalidPercentCompleteValue",
        ErrorInvalidPermissionSettings = "ErrorInvalidPermissionSettings",
        ErrorInvalidPhoneCallId = "ErrorInvalidPhoneCallId",
        ErrorInvalidPhoneNumber = "ErrorInvalidPhoneNumber",
        ErrorInvalidPhotoSize = "ErrorInvalidPhotoSize",
        ErrorInvalidPropertyAppend = "ErrorInvalidPropertyAppend",
        ErrorInvalidPropertyDelete = "ErrorInvalidPropertyDelete",
        ErrorInvalidPropertyForExists = "ErrorInvalidPropertyForExists",
        ErrorInvalidPropertyForOperation = "ErrorInvalidPropertyForOperation",
        ErrorInvalidPropertyRequest = "ErrorInvalidPropertyRequest",
        ErrorInvalidPropertySet = "ErrorInvalidPropertySet",
        ErrorInvalidPropertyUpdateSentMessage = "ErrorInvalidPropertyUpdateSentMessage",
        ErrorInvalidProxySecurityContext = "ErrorInvalidProxySecurityContext",
        ErrorInvalidPullSubscriptionId = "ErrorInvalidPullSubscriptionId",
        ErrorInvalidPushSubscriptionUrl = "ErrorInvalidPushSubscriptionUrl",
        ErrorInvalidRecipientSubfilter = "ErrorInvalidRecipientSubfilter",
        ErrorInvalidRecipientSubfilterComparison = "ErrorInvalidRecipientSubfilterComparison",
        ErrorInvalidRecipientSubfilterOrder = "ErrorInvalidRecipientSubfilterOrder",
        ErrorInvalidRecipientSubfilterTextFilter = "ErrorInvalidRecipientSubfilterTextFilter",
        ErrorInvalidRecipients = "ErrorInvalidRecipients",
        ErrorInvalidReferenceItem = "ErrorInvalidReferenceItem",
        ErrorInvalidReportMessageActionType = "ErrorInvalidReportMessageActionType",
        ErrorInvalidRequest = "ErrorInvalidRequest",
        ErrorInvalidRestriction = "ErrorInvalidRestriction",
        ErrorInvalidRetentionTagIdGuid = "ErrorInvalidRetentionTagIdGuid",
        ErrorInvalidRetentionTagInheritance = "ErrorInvalidRetentionTagInheritance",
        ErrorInvalidRetentionTagInvisible = "ErrorInvalidRetentionTagInvisible",
        ErrorInvalidRetentionTagNone = "ErrorInvalidRetentionTagNone",
        ErrorInvalidRetentionTagTypeMismatch = "ErrorInvalidRetentionTagTypeMismatch",
        ErrorInvalidRoutingType = "ErrorInvalidRoutingType",
        ErrorInvalidSIPUri = "ErrorInvalidSIPUri",
        ErrorInvalidScheduledOofDuration = "ErrorInvalidScheduledOofDuration",
        ErrorInvalidSchemaVersionForMailboxVersion = "ErrorInvalidSchemaVersionForMailboxVersion",
        ErrorInvalidSecurityDescriptor = "ErrorInvalidSecurityDescriptor",
        ErrorInvalidSendItemSaveSettings = "ErrorInvalidSendItemSaveSettings",
        ErrorInvalidSerializedAccessToken = "ErrorInvalidSerializedAccessToken",
        ErrorInvalidServerVersion = "ErrorInvalidServerVersion",
        ErrorInvalidSharingData = "ErrorInvalidSharingData",
        ErrorInvalidSharingMessage = "ErrorInvalidSharingMessage",
        ErrorInvalidSid = "ErrorInvalidSid",
        ErrorInvalidSmtpAddress = "ErrorInvalidSmtpAddress",
        ErrorInvalidSubfilterType = "ErrorInvalidSubfilterType",
        ErrorInvalidSubfilterTypeNotAttendeeType = "ErrorInvalidSubfilterTypeNotAttendeeType",
        ErrorInvalidSubfilterTypeNotRecipientType = "ErrorInvalidSubfilterTypeNotRecipientType",
        ErrorInvalidSubscription = "ErrorInvalidSubscription",
        ErrorInvalidSubscriptionRequest = "ErrorInvalidSubscriptionRequest",
        ErrorInvalidSweepRule = "ErrorInvalidSweepRule",
        ErrorInvalidSweepRuleOperationType = "ErrorInvalidSweepRuleOperationType",
        ErrorInvalidSyncStateData = "ErrorInvalidSyncStateData",
        ErrorInvalidTimeInterval = "ErrorInvalidTimeInterval",
        ErrorInvalidUserInfo = "ErrorInvalidUserInfo",
        ErrorInvalidUserOofSettings = "ErrorInvalidUserOofSettings",
        ErrorInvalidUserPrincipalName = "ErrorInvalidUserPrincipalName",
        ErrorInvalidUserSid = "ErrorInvalidUserSid",
        ErrorInvalidUserSidMissingUPN = "ErrorInvalidUserSidMissingUPN",
        ErrorInvalidValueForProperty = "ErrorInvalidValueForProperty",
        ErrorInvalidWatermark = "ErrorInvalidWatermark",
        ErrorIrresolvableConflict = "ErrorIrresolvableConflict",
        ErrorItemCorrupt = "ErrorItemCorrupt",
        ErrorItemNotFound = "ErrorItemNotFound",
        ErrorItemPropertyRequestFailed = "ErrorItemPropertyRequestFailed",
        ErrorItemSave = "ErrorItemSave",
        ErrorItemSavePropertyError = "ErrorItemSavePropertyError",
        ErrorLegacyMailboxFreeBusyViewTypeNotMerged = "ErrorLegacyMailboxFreeBusyViewTypeNotMerged",
        ErrorLocalServerObjectNotFound = "ErrorLocalServerObjectNotFound",
        ErrorLocationServicesDisabled = "ErrorLocationServicesDisabled",
        ErrorLocationServicesInvalidRequest = "ErrorLocationServicesInvalidRequest",
        ErrorLocationServicesRequestFailed = "ErrorLocationServicesRequestFailed",
        ErrorLocationServicesRequestTimedOut = "ErrorLocationServicesRequestTimedOut",
        ErrorLogonAsNetworkServiceFailed = "ErrorLogonAsNetworkServiceFailed",
        ErrorMailRecipientNotFound = "ErrorMailRecipientNotFound",
        ErrorMailTipsDisabled = "ErrorMailTipsDisabled",
        ErrorMailboxConfiguration = "ErrorMailboxConfiguration",
        ErrorMailboxDataArrayEmpty = "ErrorMailboxDataArrayEmpty",
        ErrorMailboxDataArrayTooBig = "ErrorMailboxDataArrayTooBig",
        ErrorMailboxFailover = "ErrorMailboxFailover",
        ErrorMailboxHoldNotFound = "ErrorMailboxHoldNotFound",
        ErrorMailboxLogonFailed = "ErrorMailboxLogonFailed",
        ErrorMailboxMoveInProgress = "ErrorMailboxMoveInProgress",
        ErrorMailboxScopeNotAllowedWithoutQueryString = "ErrorMailboxScopeNotAllowedWithoutQueryString",
        ErrorMailboxStoreUnavailable = "ErrorMailboxStoreUnavailable",
        ErrorManagedFolderAlreadyExists = "ErrorManagedFolderAlreadyExists",
        ErrorManagedFolderNotFound = "ErrorManagedFolderNotFound",
        ErrorManagedFoldersRootFailure = "ErrorManagedFoldersRootFailure",
        ErrorMarketPlaceExtensionAlreadyInstalledForOrg = "ErrorMarketPlaceExtensionAlreadyInstalledForOrg",
        ErrorMeetingSuggestionGenerationFailed = "ErrorMeetingSuggestionGenerationFailed",
        ErrorMessageBlocked = "ErrorMessageBlocked",
        ErrorMessageDispositionRequired = "ErrorMessageDispositionRequired",
        ErrorMessagePerFolderCountReceiveQuotaExceeded = "ErrorMessagePerFolderCountReceiveQuotaExceeded",
        ErrorMessageSizeExceeded = "ErrorMessageSizeExceeded",
        ErrorMessageSubmissionBlocked = "ErrorMessageSubmissionBlocked",
        ErrorMessageTrackingNoSuchDomain = "ErrorMessageTrackingNoSuchDomain",
        ErrorMessageTrackingPermanentError = "ErrorMessageTrackingPermanentError",
        ErrorMessageTrackingTransientError = "ErrorMessageTrackingTransientError",
        ErrorMimeContentConversionFailed = "ErrorMimeContentConversionFailed",
        ErrorMimeContentInvalid = "ErrorMimeContentInvalid",
        ErrorMimeContentInvalidBase64String = "ErrorMimeContentInvalidBase64String",
        ErrorMissedNotificationEvents = "ErrorMissedNotificationEvents",
        ErrorMissingArgument = "ErrorMissingArgument",
        ErrorMissingEmailAddress = "ErrorMissingEmailAddress",
        ErrorMissingEmailAddressForManagedFolder = "ErrorMissingEmailAddressForManagedFolder",
        ErrorMissingExchangePrincipal = "ErrorMissingExchangePrincipal",
        ErrorMissingInformationEmailAddress = "ErrorMissingInformationEmailAddress",
        ErrorMissingInformationReferenceItemId = "ErrorMissingInformationReferenceItemId",
        ErrorMissingInformationSharingFolderId = "ErrorMissingInformationSharingFolderId",
        ErrorMissingItemForCreateItemAttachment = "ErrorMissingItemForCreateItemAttachment",
        ErrorMissingManagedFolderId = "ErrorMissingManagedFolderId",
        ErrorMissingRecipients = "ErrorMissingRecipients",
        ErrorMissingUserIdInformation = "ErrorMissingUserIdInformation",
        ErrorMoreThanOneAccessModeSpecified = "ErrorMoreThanOneAccessModeSpecified",
        ErrorMoveCopyFailed = "ErrorMoveCopyFailed",
        ErrorMoveDistinguishedFolder = "ErrorMoveDistinguishedFolder",
        ErrorMultiLegacyMailboxAccess = "ErrorMultiLegacyMailboxAccess",
        ErrorNameResolutionMultipleResults = "ErrorNameResolutionMultipleResults",
        ErrorNameResolutionNoMailbox = "ErrorNameResolutionNoMailbox",
        ErrorNameResolutionNoResults = "ErrorNameResolutionNoResults",
        ErrorNewChannelConnectionOpened = "ErrorNewChannelConnectionOpened",
        ErrorNewEventStreamConnectionOpened = "ErrorNewEventStreamConnectionOpened",
        ErrorNewerExtensionAlreadyInstalled = "ErrorNewerExtensionAlreadyInstalled",
        ErrorNewerMarketPlaceExtensionAlreadyInstalled = "ErrorNewerMarketPlaceExtensionAlreadyInstalled",
        ErrorNoApplicableProxyCASServersAvailable = "ErrorNoApplicableProxyCASServersAvailable",
        ErrorNoCalendar = "ErrorNoCalendar",
        ErrorNoDestinationCASDueToKerberosRequirements = "ErrorNoDestinationCASDueToKerberosRequirements",
        ErrorNoDestinationCASDueToSSLRequirements = "ErrorNoDestinationCASDueToSSLRequirements",
        ErrorNoDestinationCASDueToVersionMismatch = "ErrorNoDestinationCASDueToVersionMismatch",
        ErrorNoFolderClassOverride = "ErrorNoFolderClassOverride",
        ErrorNoFreeBusyAccess = "ErrorNoFreeBusyAccess",
        ErrorNoOAuthServerAvailableForRequest = "ErrorNoOAuthServerAvailableForRequest",
        ErrorNoPropertyTagForCustomProperties = "ErrorNoPropertyTagForCustomProperties",
        ErrorNoPublicFolderReplicaAvailable = "ErrorNoPublicFolderReplicaAvailable",
        ErrorNoPublicFolderServerAvailable = "ErrorNoPublicFolderServerAvailable",
        ErrorNoRbacPermissionToInstallMarketPlaceExtensions = "ErrorNoRbacPermissionToInstallMarketPlaceExtensions",
        ErrorNoRbacPermissionToInstallReadWriteMailboxExtensions = "ErrorNoRbacPermissionToInstallReadWriteMailboxExtensions",
        ErrorNoRespondingCASInDestinationSite = "ErrorNoRespondingCASInDestinationSite",
        ErrorNoSenderRestrictionsSettingsFoundInRequest = "ErrorNoSenderRestrictionsSettingsFoundInRequest",
        ErrorNoSpeechDetected = "ErrorNoSpeechDetected",
        ErrorNonExistentMailbox = "ErrorNonExistentMailbox",
        ErrorNonPrimarySmtpAddress = "ErrorNonPrimarySmtpAddress",
        ErrorNotAllowedExternalSharingByPolicy = "ErrorNotAllowedExternalSharingByPolicy",
        ErrorNotDelegate = "ErrorNotDelegate",
        ErrorNotEnoughMemory = "ErrorNotEnoughMemory",
        ErrorNotSupportedSharingMessage = "ErrorNotSupportedSharingMessage",
        ErrorObjectTypeChanged = "ErrorObjectTypeChanged",
        ErrorOccurrenceCrossingBoundary = "ErrorOccurrenceCrossingBoundary",
        ErrorOccurrenceTimeSpanTooBig = "ErrorOccurrenceTimeSpanTooBig",
        ErrorOperationNotAllowedWithPublicFolderRoot = "ErrorOperationNotAllowedWithPublicFolderRoot",
        ErrorOrganizationAccessBlocked = "ErrorOrganizationAccessBlocked",
        ErrorOrganizationNotFederated = "ErrorOrganizationNotFederated",
        ErrorOutlookRuleBlobExists = "ErrorOutlookRuleBlobExists",
        ErrorParentFolderIdRequired = "ErrorParentFolderIdRequired",
        ErrorParentFolderNotFound = "ErrorParentFolderNotFound",
        ErrorParsingXMLResponse = "ErrorParsingXMLResponse",
        ErrorPasswordChangeRequired = "ErrorPasswordChangeRequired",
        ErrorPasswordExpired = "ErrorPasswordExpired",
        ErrorPermissionNotAllowedByPolicy = "ErrorPermissionNotAllowedByPolicy",
        ErrorPhoneNumberNotDialable = "ErrorPhoneNumberNotDialable",
        ErrorPromptPublishingOperationFailed = "ErrorPromptPublishingOperationFailed",
        ErrorPropertyUpdate = "ErrorPropertyUpdate",
        ErrorPropertyValidationFailure = "ErrorPropertyValidationFailure",
        ErrorProxiedSubscriptionCallFailure = "ErrorProxiedSubscriptionCallFailure",
        ErrorProxyCallFailed = "ErrorProxyCallFailed",
        ErrorProxyGroupSidLimitExceeded = "ErrorProxyGroupSidLimitExceeded",
        ErrorProxyRequestNotAllowed = "ErrorProxyRequestNotAllowed",
        ErrorProxyRequestProcessingFailed = "ErrorProxyRequestProcessingFailed",
        ErrorProxyServiceDiscoveryFailed = "ErrorProxyServiceDiscoveryFailed",
        ErrorProxySoapException = "ErrorProxySoapException",
        ErrorProxyTokenExpired = "ErrorProxyTokenExpired",
        ErrorPublicFolderMailboxDiscoveryFailed = "ErrorPublicFolderMailboxDiscoveryFailed",
        ErrorPublicFolderOperationFailed = "ErrorPublicFolderOperationFailed",
        ErrorPublicFolderRequestProcessingFailed = "ErrorPublicFolderRequestProcessingFailed",
        ErrorPublicFolderServerNotFound = "ErrorPublicFolderServerNotFound",
        ErrorPublicFolderSyncException = "ErrorPublicFolderSyncException",
        ErrorQueryFilterTooLong = "ErrorQueryFilterTooLong",
        ErrorQuotaExceeded = "ErrorQuotaExceeded",
        ErrorReadEventsFailed = "ErrorReadEventsFailed",
        ErrorReadReceiptNotPending = "ErrorReadReceiptNotPending",
        ErrorRecipientNotFound = "ErrorRecipientNotFound",
        ErrorRecognizerNotInstalled = "ErrorRecognizerNotInstalled",
        ErrorRecoverableItemsAccessDenied = "ErrorRecoverableItemsAccessDenied",
        ErrorRecurrenceEndDateTooBig = "ErrorRecurrenceEndDateTooBig",
        ErrorRecurrenceHasNoOccurrence = "ErrorRecurrenceHasNoOccurrence",
        ErrorRemoveDelegatesFailed = "ErrorRemoveDelegatesFailed",
        ErrorRequestAborted = "ErrorRequestAborted",
        ErrorRequestStreamTooBig = "ErrorRequestStreamTooBig",
        ErrorRequiredPropertyMissing = "ErrorRequiredPropertyMissing",
        ErrorResolveNamesInvalidFolderType = "ErrorResolveNamesInvalidFolderType",
        ErrorResolveNamesOnlyOneContactsFolderAllowed = "ErrorResolveNamesOnlyOneContactsFolderAllowed",
        ErrorResponseSchemaValidation = "ErrorResponseSchemaValidation",
        ErrorRestrictionTooComplex = "ErrorRestrictionTooComplex",
        ErrorRestrictionTooLong = "ErrorRestrictionTooLong",
        ErrorResultSetTooBig = "ErrorResultSetTooBig",
        ErrorRulesOverQuota = "ErrorRulesOverQuota",
        ErrorSavedItemFolderNotFound = "ErrorSavedItemFolderNotFound",
        ErrorSchemaValidation = "ErrorSchemaValidation",
        ErrorSearchFolderNotInitialized = "ErrorSearchFolderNotInitialized",
        ErrorSearchQueryHasTooManyKeywords = "ErrorSearchQueryHasTooManyKeywords",
        ErrorSearchTooManyMailboxes = "ErrorSearchTooManyMailboxes",
        ErrorSendAsDenied = "ErrorSendAsDenied",
        ErrorSendMeetingCancellationsRequired = "ErrorSendMeetingCancellationsRequired",
        ErrorSendMeetingInvitationsOrCancellationsRequired = "ErrorSendMeetingInvitationsOrCancellationsRequired",
        ErrorSendMeetingInvitationsRequired = "ErrorSendMeetingInvitationsRequired",
        ErrorSenderRestrictionsUpdateFailed = "ErrorSenderRestrictionsUpdateFailed",
        ErrorSentMeetingRequestUpdate = "ErrorSentMeetingRequestUpdate",
        ErrorSentTaskRequestUpdate = "ErrorSentTaskRequestUpdate",
        ErrorServerBusy = "ErrorServerBusy",
        ErrorServiceDiscoveryFailed = "ErrorServiceDiscoveryFailed",
        ErrorServiceUnavailable = "ErrorServiceUnavailable",
        ErrorSharingNoExternalEwsAvailable = "ErrorSharingNoExternalEwsAvailable",
        ErrorSharingSynchronizationFailed = "ErrorSharingSynchronizationFailed",
        ErrorSpeechGrammarError = "ErrorSpeechGrammarError",
        ErrorStaleObject = "ErrorStaleObject",
        ErrorSubmissionQuotaExceeded = "ErrorSubmissionQuotaExceeded",
        ErrorSubscriptionAccessDenied = "ErrorSubscriptionAccessDenied",
        ErrorSubscriptionDelegateAccessNotSupported = "ErrorSubscriptionDelegateAccessNotSupported",
        ErrorSubscriptionNotFound = "ErrorSubscriptionNotFound",
        ErrorSubscriptionUnsubscribed = "ErrorSubscriptionUnsubscribed",
        ErrorSubscriptionUnsubsribed = "ErrorSubscriptionUnsubsribed",
        ErrorSubscriptionsDisabledForGroup = "ErrorSubscriptionsDisabledForGroup",
        ErrorSyncFolderNotFound = "ErrorSyncFolderNotFound",
        ErrorTargetDomainNotSupported = "ErrorTargetDomainNotSupported",
        ErrorTeamMailboxActiveToPendingDelete = "ErrorTeamMailboxActiveToPendingDelete",
        ErrorTeamMailboxErrorUnknown = "ErrorTeamMailboxErrorUnknown",
        ErrorTeamMailboxFailedSendingNotifications = "ErrorTeamMailboxFailedSendingNotifications",
        ErrorTeamMailboxNotAuthorizedOwner = "ErrorTeamMailboxNotAuthorizedOwner",
        ErrorTeamMailboxNotFound = "ErrorTeamMailboxNotFound",
        ErrorTeamMailboxNotLinkedToSharePoint = "ErrorTeamMailboxNotLinkedToSharePoint",
        ErrorTeamMailboxUrlValidationFailed = "ErrorTeamMailboxUrlValidationFailed",
        ErrorTimeIntervalTooBig = "ErrorTimeIntervalTooBig",
        ErrorTimeZone = "ErrorTimeZone",
        ErrorTimeoutExpired = "ErrorTimeoutExpired",
        ErrorToFolderNotFound = "ErrorToFolderNotFound",
        ErrorTokenSerializationDenied = "ErrorTokenSerializationDenied",
        ErrorTooManyObjectsOpened = "ErrorTooManyObjectsOpened",
        ErrorUMServerUnavailable = "ErrorUMServerUnavailable",
        ErrorUnableToGetUserOofSettings = "ErrorUnableToGetUserOofSettings",
        ErrorUnableToRemoveImContactFromGroup = "ErrorUnableToRemoveImContactFromGroup",
        ErrorUnauthorizedClientAccessTokenRequest = "ErrorUnauthorizedClientAccessTokenRequest",
        ErrorUnexpectedUnifiedGroupsCount = "ErrorUnexpectedUnifiedGroupsCount",
        ErrorUnifiedGroupAadAuthorizationRequestDenied = "ErrorUnifiedGroupAadAuthorizationRequestDenied",
        ErrorUnifiedGroupAliasNamingPolicy = "ErrorUnifiedGroupAliasNamingPolicy",
        ErrorUnifiedGroupAlreadyExists = "ErrorUnifiedGroupAlreadyExists",
        ErrorUnifiedGroupCreationDisabled = "ErrorUnifiedGroupCreationDisabled",
        ErrorUnifiedGroupMailboxAADCreationFailed = "ErrorUnifiedGroupMailboxAADCreationFailed",
        ErrorUnifiedGroupMailboxAADDeleteFailed = "ErrorUnifiedGroupMailboxAADDeleteFailed",
        ErrorUnifiedGroupMailboxDeleteFailed = "ErrorUnifiedGroupMailboxDeleteFailed",
        ErrorUnifiedGroupMailboxNamingPolicy = "ErrorUnifiedGroupMailboxNamingPolicy",
        ErrorUnifiedGroupMailboxNotFound = "ErrorUnifiedGroupMailboxNotFound",
        ErrorUnifiedGroupMailboxProvisionFailed = "ErrorUnifiedGroupMailboxProvisionFailed",
        ErrorUnifiedGroupMailboxUpdateDelayed = "ErrorUnifiedGroupMailboxUpdateDelayed",
        ErrorUnifiedGroupMailboxUpdateFailed = "ErrorUnifiedGroupMailboxUpdateFailed",
        ErrorUnifiedGroupMailboxUpdatedPartialProperties = "ErrorUnifiedGroupMailboxUpdatedPartialProperties",
        ErrorUnifiedMessagingDialPlanNotFound = "ErrorUnifiedMessagingDialPlanNotFound",
        ErrorUnifiedMessagingPromptNotFound = "ErrorUnifiedMessagingPromptNotFound",
        ErrorUnifiedMessagingReportDataNotFound = "ErrorUnifiedMessagingReportDataNotFound",
        ErrorUnifiedMessagingRequestFailed = "ErrorUnifiedMessagingRequestFailed",
        ErrorUnifiedMessagingServerNotFound = "ErrorUnifiedMessagingServerNotFound",
        ErrorUnsupportedCulture = "ErrorUnsupportedCulture",
        ErrorUnsupportedMapiPropertyType = "ErrorUnsupportedMapiPropertyType",
        ErrorUnsupportedMimeConversion = "ErrorUnsupportedMimeConversion",
        ErrorUnsupportedPathForQuery = "ErrorUnsupportedPathForQuery",
        ErrorUnsupportedPathForSortGroup = "ErrorUnsupportedPathForSortGroup",
        ErrorUnsupportedPropertyDefinition = "ErrorUnsupportedPropertyDefinition",
        ErrorUnsupportedQueryFilter = "ErrorUnsupportedQueryFilter",
        ErrorUnsupportedRecurrence = "ErrorUnsupportedRecurrence",
        ErrorUnsupportedSubFilter = "ErrorUnsupportedSubFilter",
        ErrorUnsupportedTypeForConversion = "ErrorUnsupportedTypeForConversion",
        ErrorUnsupportedUserForExecuteSearch = "ErrorUnsupportedUserForExecuteSearch",
        ErrorUpdateDelegatesFailed = "ErrorUpdateDelegatesFailed",
        ErrorUpdatePropertyMismatch = "ErrorUpdatePropertyMismatch",
        ErrorUserNotAllowedByPolicy = "ErrorUserNotAllowedByPolicy",
        ErrorUserNotUnifiedMessagingEnabled = "ErrorUserNotUnifiedMessagingEnabled",
        ErrorUserWithoutFederatedProxyAddress = "ErrorUserWithoutFederatedProxyAddress",
        ErrorValueOutOfRange = "ErrorValueOutOfRange",
        ErrorVirusDetected = "ErrorVirusDetected",
        ErrorVirusMessageDeleted = "ErrorVirusMessageDeleted",
        ErrorVoiceMailNotImplemented = "ErrorVoiceMailNotImplemented",
        ErrorWeatherServiceDisabled = "ErrorWeatherServiceDisabled",
        ErrorWebRequestInInvalidState = "ErrorWebRequestInInvalidState",
        ErrorWin32InteropError = "ErrorWin32InteropError",
        ErrorWorkingHoursSaveFailed = "ErrorWorkingHoursSaveFailed",
        ErrorWorkingHoursXmlMalformed = "ErrorWorkingHoursXmlMalformed",
        ErrorWrongServerVersion = "ErrorWrongServerVersion",
        ErrorWrongServerVersionDelegate = "ErrorWrongServerVersionDelegate",
    }
}

impl ResponseCode {
    /// What the code means to the caller.
    ///
    /// An unknown code is judged by the ending of its name. `NoError` on something that failed
    /// is a contradiction, so it is [`ErrorKind::Protocol`].
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoError => ErrorKind::Protocol,
            Self::Other(name) => response_kind::of_unknown(name),
            Self::ErrorChannelSubscriptionAlreadyExists
            | Self::ErrorDelegateAlreadyExists
            | Self::ErrorDuplicateExtendedKeywordDefinition
            | Self::ErrorExtensionAlreadyInstalledForOrg
            | Self::ErrorFolderExists
            | Self::ErrorImGroupDisplayNameAlreadyExists
            | Self::ErrorManagedFolderAlreadyExists
            | Self::ErrorMarketPlaceExtensionAlreadyInstalledForOrg
            | Self::ErrorNewerExtensionAlreadyInstalled
            | Self::ErrorNewerMarketPlaceExtensionAlreadyInstalled
            | Self::ErrorOutlookRuleBlobExists
            | Self::ErrorUnifiedGroupAlreadyExists => ErrorKind::AlreadyExists,
            Self::ErrorAccessModeSpecified
            | Self::ErrorArchiveMailboxServiceDiscoveryFailed
            | Self::ErrorAutoDiscoverFailed
            | Self::ErrorAvailabilityConfigNotFound
            | Self::ErrorCannotGetExternalEcpUrl
            | Self::ErrorCrossSiteRequest
            | Self::ErrorDelegateMissingConfiguration
            | Self::ErrorDuplicateSOAPHeader
            | Self::ErrorGetServerSecurityDescriptorFailed
            | Self::ErrorIncorrectSchemaVersion
            | Self::ErrorInvalidExchangeImpersonationHeaderData
            | Self::ErrorInvalidFederatedOrganizationId
            | Self::ErrorInvalidFederationOrganizationIdentifier
            | Self::ErrorInvalidInternetWebProxyOnLocalServer
            | Self::ErrorInvalidOrganizationRelationshipForFreeBusy
            | Self::ErrorInvalidSchemaVersionForMailboxVersion
            | Self::ErrorInvalidServerVersion
            | Self::ErrorLogonAsNetworkServiceFailed
            | Self::ErrorManagedFoldersRootFailure
            | Self::ErrorMoreThanOneAccessModeSpecified
            | Self::ErrorNoDestinationCASDueToKerberosRequirements
            | Self::ErrorNoDestinationCASDueToSSLRequirements
            | Self::ErrorNoDestinationCASDueToVersionMismatch
            | Self::ErrorServiceDiscoveryFailed
            | Self::ErrorSharingNoExternalEwsAvailable
            | Self::ErrorWrongServerVersion
            | Self::ErrorWrongServerVersionDelegate => ErrorKind::Configuration,
            Self::ErrorChangeKeyRequired
            | Self::ErrorChangeKeyRequiredForWriteOperations
            | Self::ErrorIrresolvableConflict
            | Self::ErrorObjectTypeChanged
            | Self::ErrorStaleObject
            | Self::ErrorUpdatePropertyMismatch => ErrorKind::Conflict,
            Self::ErrorContentConversionFailed
            | Self::ErrorMessageBlocked
            | Self::ErrorMessageSubmissionBlocked
            | Self::ErrorMimeContentConversionFailed
            | Self::ErrorMimeContentInvalid
            | Self::ErrorMimeContentInvalidBase64String
            | Self::ErrorVirusDetected
            | Self::ErrorVirusMessageDeleted => ErrorKind::ContentRejected,
            Self::ErrorCannotOpenFileAttachment
            | Self::ErrorCorruptData
            | Self::ErrorDuplicateLegacyDistinguishedName
            | Self::ErrorFolderCorrupt
            | Self::ErrorFolderPropertRequestFailed
            | Self::ErrorFolderPropertyRequestFailed
            | Self::ErrorInvalidSecurityDescriptor
            | Self::ErrorItemCorrupt
            | Self::ErrorItemPropertyRequestFailed
            | Self::ErrorUnableToGetUserOofSettings
            | Self::ErrorWorkingHoursXmlMalformed => ErrorKind::DataCorrupt,
            Self::ErrorAddDelegatesFailed
            | Self::ErrorApplyConversationActionFailed
            | Self::ErrorArchiveFolderPathCreation
            | Self::ErrorArchiveMailboxSearchFailed
            | Self::ErrorCannotDownloadExtensionManifest
            | Self::ErrorCannotGetSourceFolderPath
            | Self::ErrorCreateManagedFolderPartialCompletion
            | Self::ErrorDeleteItemsFailed
            | Self::ErrorDeleteUnifiedMessagingPromptFailed
            | Self::ErrorExportRemoteArchiveItemsFailed
            | Self::ErrorFindRemoteArchiveFolderFailed
            | Self::ErrorFolderSave
            | Self::ErrorFolderSaveFailed
            | Self::ErrorFreeBusyGenerationFailed
            | Self::ErrorGetRemoteArchiveFolderFailed
            | Self::ErrorGetRemoteArchiveItemFailed
            | Self::ErrorInstantSearchFailed
            | Self::ErrorInternalServerError
            | Self::ErrorItemSave
            | Self::ErrorLocationServicesRequestFailed
            | Self::ErrorMeetingSuggestionGenerationFailed
            | Self::ErrorMessageTrackingPermanentError
            | Self::ErrorMoveCopyFailed
            | Self::ErrorNoSpeechDetected
            | Self::ErrorPromptPublishingOperationFailed
            | Self::ErrorPropertyUpdate
            | Self::ErrorRemoveDelegatesFailed
            | Self::ErrorSenderRestrictionsUpdateFailed
            | Self::ErrorSharingSynchronizationFailed
            | Self::ErrorSpeechGrammarError
            | Self::ErrorTeamMailboxErrorUnknown
            | Self::ErrorTeamMailboxFailedSendingNotifications
            | Self::ErrorTeamMailboxUrlValidationFailed
            | Self::ErrorUnableToRemoveImContactFromGroup
            | Self::ErrorUnexpectedUnifiedGroupsCount
            | Self::ErrorUnifiedGroupMailboxAADCreationFailed
            | Self::ErrorUnifiedGroupMailboxAADDeleteFailed
            | Self::ErrorUnifiedGroupMailboxDeleteFailed
            | Self::ErrorUnifiedGroupMailboxProvisionFailed
            | Self::ErrorUnifiedGroupMailboxUpdateDelayed
            | Self::ErrorUnifiedGroupMailboxUpdateFailed
            | Self::ErrorUnifiedGroupMailboxUpdatedPartialProperties
            | Self::ErrorUnifiedMessagingRequestFailed
            | Self::ErrorUpdateDelegatesFailed
            | Self::ErrorWin32InteropError
            | Self::ErrorWorkingHoursSaveFailed => ErrorKind::Internal,
            Self::ErrorADSessionFilter
            | Self::ErrorAffectedTaskOccurrencesRequired
            | Self::ErrorCalendarEndDateIsEarlierThanStartDate
            | Self::ErrorCalendarFolderIsInvalidForCalendarView
            | Self::ErrorCalendarInvalidAttributeValue
            | Self::ErrorCalendarInvalidDayForTimeChangePattern
            | Self::ErrorCalendarInvalidDayForWeeklyRecurrence
            | Self::ErrorCalendarInvalidPropertyValue
            | Self::ErrorCalendarInvalidRecurrence
            | Self::ErrorCalendarInvalidTimeZone
            | Self::ErrorCalendarOutOfRange
            | Self::ErrorCannotCreateCalendarItemInNonCalendarFolder
            | Self::ErrorCannotCreateContactInNonContactFolder
            | Self::ErrorCannotCreatePostItemInNonMailFolder
            | Self::ErrorCannotCreateTaskInNonTaskFolder
            | Self::ErrorCannotSetCalendarPermissionOnNonCalendarFolder
            | Self::ErrorCannotSetNonCalendarPermissionOnCalendarFolder
            | Self::ErrorCannotSetPermissionUnknownEntries
            | Self::ErrorCannotSpecifySearchFolderAsSourceFolder
            | Self::ErrorContainsFilterWrongType
            | Self::ErrorDelegateCannotAddOwner
            | Self::ErrorDelegateValidationFailed
            | Self::ErrorDuplicateInputFolderNames
            | Self::ErrorDuplicateSenderRestrictionsInputFound
            | Self::ErrorDuplicateUserIdsSpecified
            | Self::ErrorFolderSavePropertyError
            | Self::ErrorInboxRulesValidationError
            | Self::ErrorIncorrectUpdatePropertyCount
            | Self::ErrorInvalidAccessLevel
            | Self::ErrorInvalidArgument
            | Self::ErrorInvalidAttachmentSubfilter
            | Self::ErrorInvalidAttachmentSubfilterTextFilter
            | Self::ErrorInvalidBulkActionType
            | Self::ErrorInvalidCompleteDate
            | Self::ErrorInvalidContactEmailIndex
            | Self::ErrorInvalidDelegatePermission
            | Self::ErrorInvalidDelegateUserId
            | Self::ErrorInvalidExcludesRestriction
            | Self::ErrorInvalidExpressionTypeForSubFilter
            | Self::ErrorInvalidExtendedProperty
            | Self::ErrorInvalidExtendedPropertyValue
            | Self::ErrorInvalidExternalSharingInitiator
            | Self::ErrorInvalidExternalSharingSubscriber
            | Self::ErrorInvalidFolderTypeForOperation
            | Self::ErrorInvalidFractionalPagingParameters
            | Self::ErrorInvalidFreeBusyViewType
            | Self::ErrorInvalidGetSharingFolderRequest
            | Self::ErrorInvalidIndexedPagingParameters
            | Self::ErrorInvalidInternetHeaderChildNodes
            | Self::ErrorInvalidItemForOperationCreateItem
            | Self::ErrorInvalidItemForOperationCreateItemAttachment
            | Self::ErrorInvalidItemForOperationExpandDL
            | Self::ErrorInvalidKeepNCount
            | Self::ErrorInvalidKeepNType
            | Self::ErrorInvalidLatitude
            | Self::ErrorInvalidLikeRequest
            | Self::ErrorInvalidLongitude
            | Self::ErrorInvalidManagedFolderProperty
            | Self::ErrorInvalidManagedFolderQuota
            | Self::ErrorInvalidManagedFolderSize
            | Self::ErrorInvalidMergedFreeBusyInterval
            | Self::ErrorInvalidNameForNameResolution
            | Self::ErrorInvalidNetworkServiceContext
            | Self::ErrorInvalidOofParameter
            | Self::ErrorInvalidPagingMaxRows
            | Self::ErrorInvalidParentFolder
            | Self::ErrorInvalidPercentCompleteValue
            | Self::ErrorInvalidPermissionSettings
            | Self::ErrorInvalidPhoneNumber
            | Self::ErrorInvalidPhotoSize
            | Self::ErrorInvalidPropertyAppend
            | Self::ErrorInvalidPropertyDelete
            | Self::ErrorInvalidPropertyForExists
            | Self::ErrorInvalidPropertyForOperation
            | Self::ErrorInvalidPropertyRequest
            | Self::ErrorInvalidPropertySet
            | Self::ErrorInvalidPushSubscriptionUrl
            | Self::ErrorInvalidRecipientSubfilter
            | Self::ErrorInvalidRecipientSubfilterComparison
            | Self::ErrorInvalidRecipientSubfilterOrder
            | Self::ErrorInvalidRecipientSubfilterTextFilter
            | Self::ErrorInvalidReportMessageActionType
            | Self::ErrorInvalidRestriction
            | Self::ErrorInvalidRetentionTagIdGuid
            | Self::ErrorInvalidRetentionTagInheritance
            | Self::ErrorInvalidRetentionTagInvisible
            | Self::ErrorInvalidRetentionTagNone
            | Self::ErrorInvalidRetentionTagTypeMismatch
            | Self::ErrorInvalidSIPUri
            | Self::ErrorInvalidScheduledOofDuration
            | Self::ErrorInvalidSendItemSaveSettings
            | Self::ErrorInvalidSharingData
            | Self::ErrorInvalidSharingMessage
            | Self::ErrorInvalidSubfilterType
            | Self::ErrorInvalidSubfilterTypeNotAttendeeType
            | Self::ErrorInvalidSubfilterTypeNotRecipientType
            | Self::ErrorInvalidSubscriptionRequest
            | Self::ErrorInvalidSweepRule
            | Self::ErrorInvalidSweepRuleOperationType
            | Self::ErrorInvalidTimeInterval
            | Self::ErrorInvalidUserInfo
            | Self::ErrorInvalidUserOofSettings
            | Self::ErrorInvalidValueForProperty
            | Self::ErrorItemSavePropertyError
            | Self::ErrorLocationServicesInvalidRequest
            | Self::ErrorMailboxDataArrayEmpty
            | Self::ErrorMessageDispositionRequired
            | Self::ErrorMissingInformationEmailAddress
            | Self::ErrorMissingInformationReferenceItemId
            | Self::ErrorMissingInformationSharingFolderId
            | Self::ErrorMissingItemForCreateItemAttachment
            | Self::ErrorMissingUserIdInformation
            | Self::ErrorNameResolutionMultipleResults
            | Self::ErrorNoFolderClassOverride
            | Self::ErrorNoPropertyTagForCustomProperties
            | Self::ErrorNoSenderRestrictionsSettingsFoundInRequest
            | Self::ErrorParentFolderIdRequired
            | Self::ErrorPhoneNumberNotDialable
            | Self::ErrorPropertyValidationFailure
            | Self::ErrorRecurrenceHasNoOccurrence
            | Self::ErrorRequiredPropertyMissing
            | Self::ErrorResolveNamesInvalidFolderType
            | Self::ErrorResolveNamesOnlyOneContactsFolderAllowed
            | Self::ErrorSendMeetingCancellationsRequired
            | Self::ErrorSendMeetingInvitationsOrCancellationsRequired
            | Self::ErrorSendMeetingInvitationsRequired
            | Self::ErrorTimeZone
            | Self::ErrorUnifiedGroupAliasNamingPolicy
            | Self::ErrorUnifiedGroupMailboxNamingPolicy
            | Self::ErrorValueOutOfRange => ErrorKind::InvalidArgument,
            Self::ErrorCalendarCannotUseIdForOccurrenceId
            | Self::ErrorCalendarCannotUseIdForRecurringMasterId
            | Self::ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange
            | Self::ErrorCannotUseFolderIdForItemId
            | Self::ErrorCannotUseItemIdForFolderId
            | Self::ErrorInvalidAttachmentId
            | Self::ErrorInvalidChangeKey
            | Self::ErrorInvalidExtensionId
            | Self::ErrorInvalidFolderId
            | Self::ErrorInvalidId
            | Self::ErrorInvalidIdEmpty
            | Self::ErrorInvalidIdMalformed
            | Self::ErrorInvalidIdMalformedEwsLegacyIdFormat
            | Self::ErrorInvalidIdMonikerTooLong
            | Self::ErrorInvalidIdNotAnItemAttachmentId
            | Self::ErrorInvalidIdReturnedByResolveNames
            | Self::ErrorInvalidIdStoreObjectIdTooLong
            | Self::ErrorInvalidIdTooManyAttachmentLevels
            | Self::ErrorInvalidIdXml
            | Self::ErrorInvalidImContactId
            | Self::ErrorInvalidImGroupId
            | Self::ErrorInvalidPhoneCallId
            | Self::ErrorInvalidReferenceItem
            | Self::ErrorMissingManagedFolderId => ErrorKind::InvalidId,
            Self::ErrorCalendarCannotMoveOrCopyOccurrence
            | Self::ErrorCalendarCannotUpdateDeletedItem
            | Self::ErrorCalendarForwardActionNotAllowed
            | Self::ErrorCalendarInvalidPropertyState
            | Self::ErrorCalendarIsCancelledForAccept
            | Self::ErrorCalendarIsCancelledForDecline
            | Self::ErrorCalendarIsCancelledForRemove
            | Self::ErrorCalendarIsCancelledForTentative
            | Self::ErrorCalendarIsDelegatedForAccept
            | Self::ErrorCalendarIsDelegatedForDecline
            | Self::ErrorCalendarIsDelegatedForRemove
            | Self::ErrorCalendarIsDelegatedForTentative
            | Self::ErrorCalendarIsGroupMailboxForAccept
            | Self::ErrorCalendarIsGroupMailboxForDecline
            | Self::ErrorCalendarIsGroupMailboxForSuppressReadReceipt
            | Self::ErrorCalendarIsGroupMailboxForTentative
            | Self::ErrorCalendarIsNotOrganizer
            | Self::ErrorCalendarIsOrganizerForAccept
            | Self::ErrorCalendarIsOrganizerForDecline
            | Self::ErrorCalendarIsOrganizerForRemove
            | Self::ErrorCalendarIsOrganizerForTentative
            | Self::ErrorCalendarMeetingRequestIsOutOfDate
            | Self::ErrorCannotDeleteObject
            | Self::ErrorCannotDeleteTaskOccurrence
            | Self::ErrorCannotDisableMandatoryExtension
            | Self::ErrorCannotEmptyFolder
            | Self::ErrorCannotUninstallProvidedExtensions
            | Self::ErrorClientIntentInvalidStateDefinition
            | Self::ErrorDeleteDistinguishedFolder
            | Self::ErrorInstantSearchSessionExpired
            | Self::ErrorInvalidItemForOperationAcceptItem
            | Self::ErrorInvalidItemForOperationArchiveItem
            | Self::ErrorInvalidItemForOperationCancelItem
            | Self::ErrorInvalidItemForOperationDeclineItem
            | Self::ErrorInvalidItemForOperationRemoveItem
            | Self::ErrorInvalidItemForOperationSendItem
            | Self::ErrorInvalidItemForOperationTentative
            | Self::ErrorInvalidOperation
            | Self::ErrorInvalidPropertyUpdateSentMessage
            | Self::ErrorMoveDistinguishedFolder
            | Self::ErrorOccurrenceCrossingBoundary
            | Self::ErrorOperationNotAllowedWithPublicFolderRoot
            | Self::ErrorSearchFolderNotInitialized
            | Self::ErrorSentMeetingRequestUpdate
            | Self::ErrorSentTaskRequestUpdate
            | Self::ErrorTeamMailboxActiveToPendingDelete
            | Self::ErrorWebRequestInInvalidState => ErrorKind::InvalidState,
            Self::ErrorCalendarDurationIsTooLong
            | Self::ErrorCalendarViewRangeTooBig
            | Self::ErrorExceededChannelSubscriptionCount
            | Self::ErrorExceededFindCountLimit
            | Self::ErrorExceededMaxRecipientLimit
            | Self::ErrorExceededMaxRecipientLimitBlock
            | Self::ErrorExceededMaxRecipientLimitShowTierUpgrade
            | Self::ErrorExceededSubscriptionCount
            | Self::ErrorFreeBusyDLLimitReached
            | Self::ErrorIndividualMailboxLimitReached
            | Self::ErrorMailboxDataArrayTooBig
            | Self::ErrorOccurrenceTimeSpanTooBig
            | Self::ErrorProxyGroupSidLimitExceeded
            | Self::ErrorQueryFilterTooLong
            | Self::ErrorRecurrenceEndDateTooBig
            | Self::ErrorRestrictionTooComplex
            | Self::ErrorRestrictionTooLong
            | Self::ErrorResultSetTooBig
            | Self::ErrorSearchQueryHasTooManyKeywords
            | Self::ErrorSearchTooManyMailboxes
            | Self::ErrorTimeIntervalTooBig => ErrorKind::LimitExceeded,
            Self::ErrorArchiveMailboxNotEnabled
            | Self::ErrorInvalidMailbox
            | Self::ErrorInvalidSid
            | Self::ErrorInvalidUserPrincipalName
            | Self::ErrorInvalidUserSid
            | Self::ErrorInvalidUserSidMissingUPN
            | Self::ErrorMailRecipientNotFound
            | Self::ErrorMissingEmailAddress
            | Self::ErrorMissingEmailAddressForManagedFolder
            | Self::ErrorMissingExchangePrincipal
            | Self::ErrorNameResolutionNoMailbox
            | Self::ErrorNonExistentMailbox
            | Self::ErrorNonPrimarySmtpAddress
            | Self::ErrorUserNotUnifiedMessagingEnabled
            | Self::ErrorUserWithoutFederatedProxyAddress => ErrorKind::MailboxNotFound,
            Self::ErrorMailboxConfiguration
            | Self::ErrorMailboxFailover
            | Self::ErrorMailboxLogonFailed
            | Self::ErrorMailboxMoveInProgress
            | Self::ErrorMailboxStoreUnavailable
            | Self::ErrorNoPublicFolderReplicaAvailable
            | Self::ErrorNoPublicFolderServerAvailable
            | Self::ErrorPublicFolderMailboxDiscoveryFailed
            | Self::ErrorPublicFolderOperationFailed
            | Self::ErrorPublicFolderRequestProcessingFailed
            | Self::ErrorPublicFolderServerNotFound
            | Self::ErrorPublicFolderSyncException
            | Self::ErrorUMServerUnavailable => ErrorKind::MailboxUnavailable,
            Self::ErrorAddressSpaceNotFound
            | Self::ErrorCalendarOccurrenceIsDeletedFromRecurrence
            | Self::ErrorCannotAccessDeletedPublicFolder
            | Self::ErrorCannotFindUser
            | Self::ErrorClientIntentNotFound
            | Self::ErrorDelegateNoUser
            | Self::ErrorDistributionListMemberNotExist
            | Self::ErrorEventNotFound
            | Self::ErrorExtensionNotFound
            | Self::ErrorFolderNotFound
            | Self::ErrorIPGatewayNotFound
            | Self::ErrorItemNotFound
            | Self::ErrorLocalServerObjectNotFound
            | Self::ErrorMailboxHoldNotFound
            | Self::ErrorManagedFolderNotFound
            | Self::ErrorMessageTrackingNoSuchDomain
            | Self::ErrorNameResolutionNoResults
            | Self::ErrorNoCalendar
            | Self::ErrorNotDelegate
            | Self::ErrorParentFolderNotFound
            | Self::ErrorReadReceiptNotPending
            | Self::ErrorRecipientNotFound
            | Self::ErrorSavedItemFolderNotFound
            | Self::ErrorSyncFolderNotFound
            | Self::ErrorTeamMailboxNotFound
            | Self::ErrorTeamMailboxNotLinkedToSharePoint
            | Self::ErrorToFolderNotFound
            | Self::ErrorUnifiedGroupMailboxNotFound
            | Self::ErrorUnifiedMessagingDialPlanNotFound
            | Self::ErrorUnifiedMessagingPromptNotFound
            | Self::ErrorUnifiedMessagingReportDataNotFound
            | Self::ErrorUnifiedMessagingServerNotFound => ErrorKind::NotFound,
            Self::ErrorAccessDenied
            | Self::ErrorAccountSuspend
            | Self::ErrorAccountSuspendShowTierUpgrade
            | Self::ErrorCreateItemAccessDenied
            | Self::ErrorCreateSubfolderAccessDenied
            | Self::ErrorExtensionsNotAuthorized
            | Self::ErrorImpersonateUserDenied
            | Self::ErrorImpersonationDenied
            | Self::ErrorImpersonationFailed
            | Self::ErrorInvalidLicense
            | Self::ErrorInvalidManagementRoleHeader
            | Self::ErrorNoFreeBusyAccess
            | Self::ErrorNoRbacPermissionToInstallMarketPlaceExtensions
            | Self::ErrorNoRbacPermissionToInstallReadWriteMailboxExtensions
            | Self::ErrorNotAllowedExternalSharingByPolicy
            | Self::ErrorOrganizationAccessBlocked
            | Self::ErrorPermissionNotAllowedByPolicy
            | Self::ErrorProxyRequestNotAllowed
            | Self::ErrorRecoverableItemsAccessDenied
            | Self::ErrorSendAsDenied
            | Self::ErrorSubscriptionAccessDenied
            | Self::ErrorSubscriptionDelegateAccessNotSupported
            | Self::ErrorSubscriptionsDisabledForGroup
            | Self::ErrorTeamMailboxNotAuthorizedOwner
            | Self::ErrorUnauthorizedClientAccessTokenRequest
            | Self::ErrorUnifiedGroupAadAuthorizationRequestDenied
            | Self::ErrorUnifiedGroupCreationDisabled
            | Self::ErrorUserNotAllowedByPolicy => ErrorKind::PermissionDenied,
            Self::ErrorInvalidRequest
            | Self::ErrorMissingArgument
            | Self::ErrorParsingXMLResponse
            | Self::ErrorResponseSchemaValidation
            | Self::ErrorSchemaValidation => ErrorKind::Protocol,
            Self::ErrorImContactLimitReached
            | Self::ErrorImGroupLimitReached
            | Self::ErrorQuotaExceeded
            | Self::ErrorRulesOverQuota => ErrorKind::QuotaExceeded,
            Self::ErrorEmailAddressMismatch
            | Self::ErrorInvalidContactEmailAddress
            | Self::ErrorInvalidImDistributionGroupSmtpAddress
            | Self::ErrorInvalidRecipients
            | Self::ErrorInvalidRoutingType
            | Self::ErrorInvalidSmtpAddress
            | Self::ErrorMissingRecipients
            | Self::ErrorTargetDomainNotSupported => ErrorKind::RecipientRejected,
            Self::ErrorChannelSubscriptionNotFound
            | Self::ErrorExpiredSubscription
            | Self::ErrorInvalidChannelId
            | Self::ErrorInvalidChannelSubscriptionId
            | Self::ErrorInvalidPullSubscriptionId
            | Self::ErrorInvalidSubscription
            | Self::ErrorMissedNotificationEvents
            | Self::ErrorNewChannelConnectionOpened
            | Self::ErrorNewEventStreamConnectionOpened
            | Self::ErrorProxiedSubscriptionCallFailure
            | Self::ErrorReadEventsFailed
            | Self::ErrorSubscriptionNotFound
            | Self::ErrorSubscriptionUnsubscribed
            | Self::ErrorSubscriptionUnsubsribed => ErrorKind::SubscriptionLost,
            Self::ErrorInvalidSyncStateData | Self::ErrorInvalidWatermark => {
                ErrorKind::SyncStateInvalid
            }
            Self::ErrorExceededConnectionCount
            | Self::ErrorExceededMessageLimit
            | Self::ErrorExceededMessageLimitShowTierUpgrade
            | Self::ErrorInsufficientResources
            | Self::ErrorMessagePerFolderCountReceiveQuotaExceeded
            | Self::ErrorNotEnoughMemory
            | Self::ErrorServerBusy
            | Self::ErrorSubmissionQuotaExceeded
            | Self::ErrorTooManyObjectsOpened => ErrorKind::Throttled,
            Self::ErrorInstantSearchTimeout
            | Self::ErrorLocationServicesRequestTimedOut
            | Self::ErrorTimeoutExpired => ErrorKind::Timeout,
            Self::ErrorAttachmentNestLevelLimitExceeded
            | Self::ErrorAttachmentSizeLimitExceeded
            | Self::ErrorDataSizeLimitExceeded
            | Self::ErrorMessageSizeExceeded
            | Self::ErrorRequestStreamTooBig => ErrorKind::TooLarge,
            Self::ErrorAccountDisabled
            | Self::ErrorCallerIsInvalidADAccount
            | Self::ErrorInvalidAuthorizationContext
            | Self::ErrorInvalidClientAccessTokenRequest
            | Self::ErrorInvalidClientSecurityContext
            | Self::ErrorInvalidCrossForestCredentials
            | Self::ErrorInvalidLogonType
            | Self::ErrorInvalidProxySecurityContext
            | Self::ErrorInvalidSerializedAccessToken
            | Self::ErrorNoOAuthServerAvailableForRequest
            | Self::ErrorPasswordChangeRequired
            | Self::ErrorPasswordExpired
            | Self::ErrorProxyTokenExpired
            | Self::ErrorTokenSerializationDenied => ErrorKind::Unauthenticated,
            Self::ErrorADOperation
            | Self::ErrorADUnavailable
            | Self::ErrorBatchProcessingStopped
            | Self::ErrorClientDisconnected
            | Self::ErrorConnectionFailed
            | Self::ErrorConnectionFailedTransientError
            | Self::ErrorDataSourceOperation
            | Self::ErrorInternalServerTransientError
            | Self::ErrorMessageTrackingTransientError
            | Self::ErrorNoApplicableProxyCASServersAvailable
            | Self::ErrorNoRespondingCASInDestinationSite
            | Self::ErrorProxyCallFailed
            | Self::ErrorProxyRequestProcessingFailed
            | Self::ErrorProxyServiceDiscoveryFailed
            | Self::ErrorProxySoapException
            | Self::ErrorRequestAborted
            | Self::ErrorServiceUnavailable => ErrorKind::Unavailable,
            Self::ErrorCalendarSeekToConditionNotSupported
            | Self::ErrorCannotArchiveCalendarContactTaskFolderException
            | Self::ErrorCannotArchiveItemsInArchiveMailbox
            | Self::ErrorCannotArchiveItemsInPublicFolders
            | Self::ErrorContentIndexingNotEnabled
            | Self::ErrorCrossMailboxMoveCopy
            | Self::ErrorDiscoverySearchesDisabled
            | Self::ErrorDistinguishedUserNotSupported
            | Self::ErrorLegacyMailboxFreeBusyViewTypeNotMerged
            | Self::ErrorLocationServicesDisabled
            | Self::ErrorMailTipsDisabled
            | Self::ErrorMailboxScopeNotAllowedWithoutQueryString
            | Self::ErrorMultiLegacyMailboxAccess
            | Self::ErrorNotSupportedSharingMessage
            | Self::ErrorOrganizationNotFederated
            | Self::ErrorRecognizerNotInstalled
            | Self::ErrorUnsupportedCulture
            | Self::ErrorUnsupportedMapiPropertyType
            | Self::ErrorUnsupportedMimeConversion
            | Self::ErrorUnsupportedPathForQuery
            | Self::ErrorUnsupportedPathForSortGroup
            | Self::ErrorUnsupportedPropertyDefinition
            | Self::ErrorUnsupportedQueryFilter
            | Self::ErrorUnsupportedRecurrence
            | Self::ErrorUnsupportedSubFilter
            | Self::ErrorUnsupportedTypeForConversion
            | Self::ErrorUnsupportedUserForExecuteSearch
            | Self::ErrorVoiceMailNotImplemented
            | Self::ErrorWeatherServiceDisabled => ErrorKind::Unsupported,
        }
    }
}

names! {
    /// A property of an item, a folder, a conversation or a persona, as [FieldURI][reference] names it.
    ///
    /// A name this crate does not know is kept as `Other` and is sent as it is.
    ///
    /// [reference]: https://learn.microsoft.com/exchange/client-developer/web-service-reference/fielduri
    pub open enum FieldUri {
        FolderFolderId = "folder:FolderId",
        FolderParentFolderId = "folder:ParentFolderId",
        FolderDisplayName = "folder:DisplayName",
        FolderUnreadCount = "folder:UnreadCount",
        FolderTotalCount = "folder:TotalCount",
        FolderChildFolderCount = "folder:ChildFolderCount",
        FolderFolderClass = "folder:FolderClass",
        FolderSearchParameters = "folder:SearchParameters",
        FolderManagedFolderInformation = "folder:ManagedFolderInformation",
        FolderPermissionSet = "folder:PermissionSet",
        FolderEffectiveRights = "folder:EffectiveRights",
        FolderSharingEffectiveRights = "folder:SharingEffectiveRights",
        FolderDistinguishedFolderId = "folder:DistinguishedFolderId",
        FolderPolicyTag = "folder:PolicyTag",
        FolderArchiveTag = "folder:ArchiveTag",
        FolderReplicaList = "folder:ReplicaList",
        ItemItemId = "item:ItemId",
        ItemParentFolderId = "item:ParentFolderId",
        ItemItemClass = "item:ItemClass",
        ItemMimeContent = "item:MimeContent",
        ItemAttachments = "item:Attachments",
        ItemSubject = "item:Subject",
        ItemDateTimeReceived = "item:DateTimeReceived",
        ItemSize = "item:Size",
        ItemCategories = "item:Categories",
        ItemHasAttachments = "item:HasAttachments",
        ItemImportance = "item:Importance",
        ItemInReplyTo = "item:InReplyTo",
        ItemInternetMessageHeaders = "item:InternetMessageHeaders",
        ItemIsAssociated = "item:IsAssociated",
        ItemIsDraft = "item:IsDraft",
        ItemIsFromMe = "item:IsFromMe",
        ItemIsResend = "item:IsResend",
        ItemIsSubmitted = "item:IsSubmitted",
        ItemIsUnmodified = "item:IsUnmodified",
        ItemDateTimeSent = "item:DateTimeSent",
        ItemDateTimeCreated = "item:DateTimeCreated",
        ItemBody = "item:Body",
        ItemResponseObjects = "item:ResponseObjects",
        ItemSensitivity = "item:Sensitivity",
        ItemReminderDueBy = "item:ReminderDueBy",
        ItemReminderIsSet = "item:ReminderIsSet",
        ItemReminderNextTime = "item:ReminderNextTime",
        ItemReminderMinutesBeforeStart = "item:ReminderMinutesBeforeStart",
        ItemDisplayTo = "item:DisplayTo",
        ItemDisplayCc = "item:DisplayCc",
        ItemDisplayBcc = "item:DisplayBcc",
        ItemCulture = "item:Culture",
        ItemEffectiveRights = "item:EffectiveRights",
        ItemLastModifiedName = "item:LastModifiedName",
        ItemLastModifiedTime = "item:LastModifiedTime",
        ItemConversationId = "item:ConversationId",
        ItemUniqueBody = "item:UniqueBody",
        ItemFlag = "item:Flag",
        ItemStoreEntryId = "item:StoreEntryId",
        ItemInstanceKey = "item:InstanceKey",
        ItemNormalizedBody = "item:NormalizedBody",
        ItemEntityExtractionResult = "item:EntityExtractionResult",
        ItemPolicyTag = "item:PolicyTag",
        ItemArchiveTag = "item:ArchiveTag",
        ItemRetentionDate = "item:RetentionDate",
        ItemPreview = "item:Preview",
        ItemPredictedActionReasons = "item:PredictedActionReasons",
        ItemIsClutter = "item:IsClutter",
        ItemRightsManagementLicenseData = "item:RightsManagementLicenseData",
        ItemBlockStatus = "item:BlockStatus",
        ItemHasBlockedImages = "item:HasBlockedImages",
        ItemWebClientReadFormQueryString = "item:WebClientReadFormQueryString",
        ItemWebClientEditFormQueryString = "item:WebClientEditFormQueryString",
        ItemTextBody = "item:TextBody",
        ItemIconIndex = "item:IconIndex",
        ItemMimeContentUTF8 = "item:MimeContentUTF8",
        ItemMentions = "item:Mentions",
        ItemMentionedMe = "item:MentionedMe",
        ItemMentionsPreview = "item:MentionsPreview",
        ItemMentionsEx = "item:MentionsEx",
        ItemHashtags = "item:Hashtags",
        ItemAppliedHashtags = "item:AppliedHashtags",
        ItemAppliedHashtagsPreview = "item:AppliedHashtagsPreview",
        ItemLikes = "item:Likes",
        ItemLikesPreview = "item:LikesPreview",
        ItemPendingSocialActivityTagIds = "item:PendingSocialActivityTagIds",
        ItemAtAllMention = "item:AtAllMention",
        ItemCanDelete = "item:CanDelete",
        ItemInferenceClassification = "item:InferenceClassification",
        ItemFirstBody = "item:FirstBody",
        MessageConversationIndex = "message:ConversationIndex",
        MessageConversationTopic = "message:ConversationTopic",
        MessageInternetMessageId = "message:InternetMessageId",
        MessageIsRead = "message:IsRead",
        MessageIsResponseRequested = "message:IsResponseRequested",
        MessageIsReadReceiptRequested = "message:IsReadReceiptRequested",
        MessageIsDeliveryReceiptRequested = "message:IsDeliveryReceiptRequested",
        MessageReceivedBy = "message:ReceivedBy",
        MessageReceivedRepresenting = "message:ReceivedRepresenting",
        MessageReferences = "message:References",
        MessageReplyTo = "message:ReplyTo",
        MessageFrom = "message:From",
        MessageSender = "message:Sender",
        MessageToRecipients = "message:ToRecipients",
        MessageCcRecipients = "message:CcRecipients",
        MessageBccRecipients = "message:BccRecipients",
        MessageApprovalRequestData = "message:ApprovalRequestData",
        MessageVotingInformation = "message:VotingInformation",
        MessageReminderMessageData = "message:ReminderMessageData",
        MessagePublishedCalendarItemIcs = "message:PublishedCalendarItemIcs",
        MessagePublishedCalendarItemName = "message:PublishedCalendarItemName",
        MessageMessageSafety = "message:MessageSafety",
        SharingMessageSharingMessageAction = "sharingMessage:SharingMessageAction",
        MeetingAssociatedCalendarItemId = "meeting:AssociatedCalendarItemId",
        MeetingIsDelegated = "meeting:IsDelegated",
        MeetingIsOutOfDate = "meeting:IsOutOfDate",
        MeetingHasBeenProcessed = "meeting:HasBeenProcessed",
        MeetingResponseType = "meeting:ResponseType",
        MeetingProposedStart = "meeting:ProposedStart",
        MeetingProposedEnd = "meeting:ProposedEnd",
        MeetingDoNotForwardMeeting = "meeting:DoNotForwardMeeting",
        MeetingRequestMeetingRequestType = "meetingRequest:MeetingRequestType",
        MeetingRequestIntendedFreeBusyStatus = "meetingRequest:IntendedFreeBusyStatus",
        MeetingRequestChangeHighlights = "meetingRequest:ChangeHighlights",
        CalendarStart = "calendar:Start",
        CalendarEnd = "calendar:End",
        CalendarOriginalStart = "calendar:OriginalStart",
        CalendarStartWallClock = "calendar:StartWallClock",
        CalendarEndWallClock = "calendar:EndWallClock",
        CalendarStartTimeZoneId = "calendar:StartTimeZoneId",
        CalendarEndTimeZoneId = "calendar:EndTimeZoneId",
        CalendarIsAllDayEvent = "calendar:IsAllDayEvent",
        CalendarLegacyFreeBusyStatus = "calendar:LegacyFreeBusyStatus",
        CalendarLocation = "calendar:Location",
        CalendarEnhancedLocation = "calendar:EnhancedLocation",
        CalendarWhen = "calendar:When",
        CalendarIsMeeting = "calendar:IsMeeting",
        CalendarIsCancelled = "calendar:IsCancelled",
        CalendarIsRecurring = "calendar:IsRecurring",
        CalendarMeetingRequestWasSent = "calendar:MeetingRequestWasSent",
        CalendarIsResponseRequested = "calendar:IsResponseRequested",
        CalendarCalendarItemType = "calendar:CalendarItemType",
        CalendarMyResponseType = "calendar:MyResponseType",
        CalendarOrganizer = "calendar:Organizer",
        CalendarRequiredAttendees = "calendar:RequiredAttendees",
        CalendarOptionalAttendees = "calendar:OptionalAttendees",
        CalendarResources = "calendar:Resources",
        CalendarConflictingMeetingCount = "calendar:ConflictingMeetingCount",
        CalendarAdjacentMeetingCount = "calendar:AdjacentMeetingCount",
        CalendarConflictingMeetings = "calendar:ConflictingMeetings",
        CalendarAdjacentMeetings = "calendar:AdjacentMeetings",
        CalendarInboxReminders = "calendar:InboxReminders",
        CalendarDuration = "calendar:Duration",
        CalendarTimeZone = "calendar:TimeZone",
        CalendarAppointmentReplyTime = "calendar:AppointmentReplyTime",
        CalendarAppointmentSequenceNumber = "calendar:AppointmentSequenceNumber",
        CalendarAppointmentState = "calendar:AppointmentState",
        CalendarRecurrence = "calendar:Recurrence",
        CalendarFirstOccurrence = "calendar:FirstOccurrence",
        CalendarLastOccurrence = "calendar:LastOccurrence",
        CalendarModifiedOccurrences = "calendar:ModifiedOccurrences",
        CalendarDeletedOccurrences = "calendar:DeletedOccurrences",
        CalendarMeetingTimeZone = "calendar:MeetingTimeZone",
        CalendarConferenceType = "calendar:ConferenceType",
        CalendarAllowNewTimeProposal = "calendar:AllowNewTimeProposal",
        CalendarIsOnlineMeeting = "calendar:IsOnlineMeeting",
        CalendarMeetingWorkspaceUrl = "calendar:MeetingWorkspaceUrl",
        CalendarNetShowUrl = "calendar:NetShowUrl",
        CalendarUID = "calendar:UID",
        CalendarRecurrenceId = "calendar:RecurrenceId",
        CalendarDateTimeStamp = "calendar:DateTimeStamp",
        CalendarStartTimeZone = "calendar:StartTimeZone",
        CalendarEndTimeZone = "calendar:EndTimeZone",
        CalendarJoinOnlineMeetingUrl = "calendar:JoinOnlineMeetingUrl",
        CalendarOnlineMeetingSettings = "calendar:OnlineMeetingSettings",
        CalendarIsOrganizer = "calendar:IsOrganizer",
        CalendarCalendarActivityData = "calendar:CalendarActivityData",
        CalendarDoNotForwardMeeting = "calendar:DoNotForwardMeeting",
        TaskActualWork = "task:ActualWork",
        TaskAssignedTime = "task:AssignedTime",
        TaskBillingInformation = "task:BillingInformation",
        TaskChangeCount = "task:ChangeCount",
        TaskCompanies = "task:Companies",
        TaskCompleteDate = "task:CompleteDate",
        TaskContacts = "task:Contacts",
        TaskDelegationState = "task:DelegationState",
        TaskDelegator = "task:Delegator",
        TaskDueDate = "task:DueDate",
        TaskIsAssignmentEditable = "task:IsAssignmentEditable",
        TaskIsComplete = "task:IsComplete",
        TaskIsRecurring = "task:IsRecurring",
        TaskIsTeamTask = "task:IsTeamTask",
        TaskMileage = "task:Mileage",
        TaskOwner = "task:Owner",
        TaskPercentComplete = "task:PercentComplete",
        TaskRecurrence = "task:Recurrence",
        TaskStartDate = "task:StartDate",
        TaskStatus = "task:Status",
        TaskStatusDescription = "task:StatusDescription",
        TaskTotalWork = "task:TotalWork",
        ContactsAlias = "contacts:Alias",
        ContactsAssistantName = "contacts:AssistantName",
        ContactsBirthday = "contacts:Birthday",
        ContactsBusinessHomePage = "contacts:BusinessHomePage",
        ContactsChildren = "contacts:Children",
        ContactsCompanies = "contacts:Companies",
        ContactsCompanyName = "contacts:CompanyName",
        ContactsCompleteName = "contacts:CompleteName",
        ContactsContactSource = "contacts:ContactSource",
        ContactsCulture = "contacts:Culture",
        ContactsDepartment = "contacts:Department",
        ContactsDisplayName = "contacts:DisplayName",
        ContactsDirectoryId = "contacts:DirectoryId",
        ContactsDirectReports = "contacts:DirectReports",
        ContactsEmailAddresses = "contacts:EmailAddresses",
        ContactsAbchEmailAddresses = "contacts:AbchEmailAddresses",
        ContactsFileAs = "contacts:FileAs",
        ContactsFileAsMapping = "contacts:FileAsMapping",
        ContactsGeneration = "contacts:Generation",
        ContactsGivenName = "contacts:GivenName",
        ContactsImAddresses = "contacts:ImAddresses",
        ContactsInitials = "contacts:Initials",
        ContactsJobTitle = "contacts:JobTitle",
        ContactsManager = "contacts:Manager",
        ContactsManagerMailbox = "contacts:ManagerMailbox",
        ContactsMiddleName = "contacts:MiddleName",
        ContactsMileage = "contacts:Mileage",
        ContactsMSExchangeCertificate = "contacts:MSExchangeCertificate",
        ContactsNickname = "contacts:Nickname",
        ContactsNotes = "contacts:Notes",
        ContactsOfficeLocation = "contacts:OfficeLocation",
        ContactsPhoneNumbers = "contacts:PhoneNumbers",
        ContactsPhoneticFullName = "contacts:PhoneticFullName",
        ContactsPhoneticFirstName = "contacts:PhoneticFirstName",
        ContactsPhoneticLastName = "contacts:PhoneticLastName",
        ContactsPhoto = "contacts:Photo",
        ContactsPhysicalAddresses = "contacts:PhysicalAddresses",
        ContactsPostalAddressIndex = "contacts:PostalAddressIndex",
        ContactsProfession = "contacts:Profession",
        ContactsSpouseName = "contacts:SpouseName",
        ContactsSurname = "contacts:Surname",
        ContactsWeddingAnniversary = "contacts:WeddingAnniversary",
        ContactsUserSMIMECertificate = "contacts:UserSMIMECertificate",
        ContactsHasPicture = "contacts:HasPicture",
        ContactsAccountName = "contacts:AccountName",
        ContactsIsAutoUpdateDisabled = "contacts:IsAutoUpdateDisabled",
        ContactsIsMessengerEnabled = "contacts:IsMessengerEnabled",
        ContactsComment = "contacts:Comment",
        ContactsContactShortId = "contacts:ContactShortId",
        ContactsContactType = "contacts:ContactType",
        ContactsCreatedBy = "contacts:CreatedBy",
        ContactsGender = "contacts:Gender",
        ContactsIsHidden = "contacts:IsHidden",
        ContactsObjectId = "contacts:ObjectId",
        ContactsPassportId = "contacts:PassportId",
        ContactsIsPrivate = "contacts:IsPrivate",
        ContactsSourceId = "contacts:SourceId",
        ContactsTrustLevel = "contacts:TrustLevel",
        ContactsUrls = "contacts:Urls",
        ContactsCid = "contacts:Cid",
        ContactsSkypeAuthCertificate = "contacts:SkypeAuthCertificate",
        ContactsSkypeContext = "contacts:SkypeContext",
        ContactsSkypeId = "contacts:SkypeId",
        ContactsXboxLiveTag = "contacts:XboxLiveTag",
        ContactsSkypeRelationship = "contacts:SkypeRelationship",
        ContactsYomiNickname = "contacts:YomiNickname",
        ContactsInviteFree = "contacts:InviteFree",
        ContactsHidePresenceAndProfile = "contacts:HidePresenceAndProfile",
        ContactsIsPendingOutbound = "contacts:IsPendingOutbound",
        ContactsSupportGroupFeeds = "contacts:SupportGroupFeeds",
        ContactsUserTileHash = "contacts:UserTileHash",
        ContactsUnifiedInbox = "contacts:UnifiedInbox",
        ContactsMris = "contacts:Mris",
        ContactsWlid = "contacts:Wlid",
        ContactsAbchContactId = "contacts:AbchContactId",
        ContactsNotInBirthdayCalendar = "contacts:NotInBirthdayCalendar",
        ContactsShellContactType = "contacts:ShellContactType",
        ContactsImMri = "contacts:ImMri",
        ContactsPresenceTrustLevel = "contacts:PresenceTrustLevel",
        ContactsOtherMri = "contacts:OtherMri",
        ContactsProfileLastChanged = "contacts:ProfileLastChanged",
        ContactsMobileIMEnabled = "contacts:MobileIMEnabled",
        DistributionlistMembers = "distributionlist:Members",
        ContactsPartnerNetworkProfilePhotoUrl = "contacts:PartnerNetworkProfilePhotoUrl",
        ContactsPartnerNetworkThumbnailPhotoUrl = "contacts:PartnerNetworkThumbnailPhotoUrl",
        ContactsPersonId = "contacts:PersonId",
        ContactsConversationGuid = "contacts:ConversationGuid",
        PostitemPostedTime = "postitem:PostedTime",
        ConversationConversationId = "conversation:ConversationId",
        ConversationConversationTopic = "conversation:ConversationTopic",
        ConversationUniqueRecipients = "conversation:UniqueRecipients",
        ConversationGlobalUniqueRecipients = "conversation:GlobalUniqueRecipients",
        ConversationUniqueUnreadSenders = "conversation:UniqueUnreadSenders",
        ConversationGlobalUniqueUnreadSenders = "conversation:GlobalUniqueUnreadSenders",
        ConversationUniqueSenders = "conversation:UniqueSenders",
        ConversationGlobalUniqueSenders = "conversation:GlobalUniqueSenders",
        ConversationLastDeliveryTime = "conversation:LastDeliveryTime",
        ConversationGlobalLastDeliveryTime = "conversation:GlobalLastDeliveryTime",
        ConversationCategories = "conversation:Categories",
        ConversationGlobalCategories = "conversation:GlobalCategories",
        ConversationFlagStatus = "conversation:FlagStatus",
        ConversationGlobalFlagStatus = "conversation:GlobalFlagStatus",
        ConversationHasAttachments = "conversation:HasAttachments",
        ConversationGlobalHasAttachments = "conversation:GlobalHasAttachments",
        ConversationHasIrm = "conversation:HasIrm",
        ConversationGlobalHasIrm = "conversation:GlobalHasIrm",
        ConversationMessageCount = "conversation:MessageCount",
        ConversationGlobalMessageCount = "conversation:GlobalMessageCount",
        ConversationUnreadCount = "conversation:UnreadCount",
        ConversationGlobalUnreadCount = "conversation:GlobalUnreadCount",
        ConversationSize = "conversation:Size",
        ConversationGlobalSize = "conversation:GlobalSize",
        ConversationItemClasses = "conversation:ItemClasses",
        ConversationGlobalItemClasses = "conversation:GlobalItemClasses",
        ConversationImportance = "conversation:Importance",
        ConversationGlobalImportance = "conversation:GlobalImportance",
        ConversationItemIds = "conversation:ItemIds",
        ConversationGlobalItemIds = "conversation:GlobalItemIds",
        ConversationLastModifiedTime = "conversation:LastModifiedTime",
        ConversationInstanceKey = "conversation:InstanceKey",
        ConversationPreview = "conversation:Preview",
        ConversationIconIndex = "conversation:IconIndex",
        ConversationGlobalIconIndex = "conversation:GlobalIconIndex",
        ConversationDraftItemIds = "conversation:DraftItemIds",
        ConversationHasClutter = "conversation:HasClutter",
        ConversationMentionedMe = "conversation:MentionedMe",
        ConversationGlobalMentionedMe = "conversation:GlobalMentionedMe",
        ConversationAtAllMention = "conversation:AtAllMention",
        ConversationGlobalAtAllMention = "conversation:GlobalAtAllMention",
        PersonFullName = "person:FullName",
        PersonGivenName = "person:GivenName",
        PersonSurname = "person:Surname",
        PersonPhoneNumber = "person:PhoneNumber",
        PersonSMSNumber = "person:SMSNumber",
        PersonEmailAddress = "person:EmailAddress",
        PersonAlias = "person:Alias",
        PersonDepartment = "person:Department",
        PersonLinkedInProfileLink = "person:LinkedInProfileLink",
        PersonSkills = "person:Skills",
        PersonProfessionalBiography = "person:ProfessionalBiography",
        PersonManagementChain = "person:ManagementChain",
        PersonDirectReports = "person:DirectReports",
        PersonPeers = "person:Peers",
        PersonTeamSize = "person:TeamSize",
        PersonCurrentJob = "person:CurrentJob",
        PersonBirthday = "person:Birthday",
        PersonHometown = "person:Hometown",
        PersonCurrentLocation = "person:CurrentLocation",
        PersonCompanyProfile = "person:CompanyProfile",
        PersonOffice = "person:Office",
        PersonHeadline = "person:Headline",
        PersonMutualConnections = "person:MutualConnections",
        PersonTitle = "person:Title",
        PersonMutualManager = "person:MutualManager",
        PersonInsights = "person:Insights",
        PersonUserProfilePicture = "person:UserProfilePicture",
        PersonaPersonaId = "persona:PersonaId",
        PersonaPersonaType = "persona:PersonaType",
        PersonaGivenName = "persona:GivenName",
        PersonaCompanyName = "persona:CompanyName",
        PersonaSurname = "persona:Surname",
        PersonaDisplayName = "persona:DisplayName",
        PersonaEmailAddress = "persona:EmailAddress",
        PersonaFileAs = "persona:FileAs",
        PersonaHomeCity = "persona:HomeCity",
        PersonaCreationTime = "persona:CreationTime",
        PersonaRelevanceScore = "persona:RelevanceScore",
        PersonaRankingWeight = "persona:RankingWeight",
        PersonaWorkCity = "persona:WorkCity",
        PersonaPersonaObjectStatus = "persona:PersonaObjectStatus",
        PersonaFileAsId = "persona:FileAsId",
        PersonaDisplayNamePrefix = "persona:DisplayNamePrefix",
        PersonaYomiCompanyName = "persona:YomiCompanyName",
        PersonaYomiFirstName = "persona:YomiFirstName",
        PersonaYomiLastName = "persona:YomiLastName",
        PersonaTitle = "persona:Title",
        PersonaEmailAddresses = "persona:EmailAddresses",
        PersonaPhoneNumber = "persona:PhoneNumber",
        PersonaImAddress = "persona:ImAddress",
        PersonaImAddresses = "persona:ImAddresses",
        PersonaImAddresses2 = "persona:ImAddresses2",
        PersonaImAddresses3 = "persona:ImAddresses3",
        PersonaFolderIds = "persona:FolderIds",
        PersonaAttributions = "persona:Attributions",
        PersonaDisplayNames = "persona:DisplayNames",
        PersonaInitials = "persona:Initials",
        PersonaFileAses = "persona:FileAses",
        PersonaFileAsIds = "persona:FileAsIds",
        PersonaDisplayNamePrefixes = "persona:DisplayNamePrefixes",
        PersonaGivenNames = "persona:GivenNames",
        PersonaMiddleNames = "persona:MiddleNames",
        PersonaSurnames = "persona:Surnames",
        PersonaGenerations = "persona:Generations",
        PersonaNicknames = "persona:Nicknames",
        PersonaYomiCompanyNames = "persona:YomiCompanyNames",
        PersonaYomiFirstNames = "persona:YomiFirstNames",
        PersonaYomiLastNames = "persona:YomiLastNames",
        PersonaBusinessPhoneNumbers = "persona:BusinessPhoneNumbers",
        PersonaBusinessPhoneNumbers2 = "persona:BusinessPhoneNumbers2",
        PersonaHomePhones = "persona:HomePhones",
        PersonaHomePhones2 = "persona:HomePhones2",
        PersonaMobilePhones = "persona:MobilePhones",
        PersonaMobilePhones2 = "persona:MobilePhones2",
        PersonaAssistantPhoneNumbers = "persona:AssistantPhoneNumbers",
        PersonaCallbackPhones = "persona:CallbackPhones",
        PersonaCarPhones = "persona:CarPhones",
        PersonaHomeFaxes = "persona:HomeFaxes",
        PersonaOrganizationMainPhones = "persona:OrganizationMainPhones",
        PersonaOtherFaxes = "persona:OtherFaxes",
        PersonaOtherTelephones = "persona:OtherTelephones",
        PersonaOtherPhones2 = "persona:OtherPhones2",
        PersonaPagers = "persona:Pagers",
        PersonaRadioPhones = "persona:RadioPhones",
        PersonaTelexNumbers = "persona:TelexNumbers",
        PersonaWorkFaxes = "persona:WorkFaxes",
        PersonaEmails1 = "persona:Emails1",
        PersonaEmails2 = "persona:Emails2",
        PersonaEmails3 = "persona:Emails3",
        PersonaBusinessHomePages = "persona:BusinessHomePages",
        PersonaSchool = "persona:School",
        PersonaPersonalHomePages = "persona:PersonalHomePages",
        PersonaOfficeLocations = "persona:OfficeLocations",
        PersonaBusinessAddresses = "persona:BusinessAddresses",
        PersonaHomeAddresses = "persona:HomeAddresses",
        PersonaOtherAddresses = "persona:OtherAddresses",
        PersonaTitles = "persona:Titles",
        PersonaDepartments = "persona:Departments",
        PersonaCompanyNames = "persona:CompanyNames",
        PersonaManagers = "persona:Managers",
        PersonaAssistantNames = "persona:AssistantNames",
        PersonaProfessions = "persona:Professions",
        PersonaSpouseNames = "persona:SpouseNames",
        PersonaHobbies = "persona:Hobbies",
        PersonaWeddingAnniversaries = "persona:WeddingAnniversaries",
        PersonaBirthdays = "persona:Birthdays",
        PersonaChildren = "persona:Children",
        PersonaLocations = "persona:Locations",
        PersonaExtendedProperties = "persona:ExtendedProperties",
        PersonaPostalAddress = "persona:PostalAddress",
        PersonaBodies = "persona:Bodies",
        PersonaIsFavorite = "persona:IsFavorite",
        PersonaInlineLinks = "persona:InlineLinks",
        PersonaItemLinkIds = "persona:ItemLinkIds",
        PersonaHasActiveDeals = "persona:HasActiveDeals",
        PersonaIsBusinessContact = "persona:IsBusinessContact",
        PersonaAttributedHasActiveDeals = "persona:AttributedHasActiveDeals",
        PersonaAttributedIsBusinessContact = "persona:AttributedIsBusinessContact",
        PersonaSourceMailboxGuids = "persona:SourceMailboxGuids",
        PersonaLastContactedDate = "persona:LastContactedDate",
        PersonaExternalDirectoryObjectId = "persona:ExternalDirectoryObjectId",
        PersonaMapiEntryId = "persona:MapiEntryId",
        PersonaMapiEmailAddress = "persona:MapiEmailAddress",
        PersonaMapiAddressType = "persona:MapiAddressType",
        PersonaMapiSearchKey = "persona:MapiSearchKey",
        PersonaMapiTransmittableDisplayName = "persona:MapiTransmittableDisplayName",
        PersonaMapiSendRichInfo = "persona:MapiSendRichInfo",
        RolememberMemberType = "rolemember:MemberType",
        RolememberMemberId = "rolemember:MemberId",
        RolememberDisplayName = "rolemember:DisplayName",
        NetworkTokenRefreshLastCompleted = "network:TokenRefreshLastCompleted",
        NetworkTokenRefreshLastAttempted = "network:TokenRefreshLastAttempted",
        NetworkSyncEnabled = "network:SyncEnabled",
        NetworkRejectedOffers = "network:RejectedOffers",
        NetworkSessionHandle = "network:SessionHandle",
        NetworkRefreshTokenExpiry2 = "network:RefreshTokenExpiry2",
        NetworkRefreshToken2 = "network:RefreshToken2",
        NetworkPsaLastChanged = "network:PsaLastChanged",
        NetworkOffers = "network:Offers",
        NetworkLastWelcomeContact = "network:LastWelcomeContact",
        NetworkLastVersionSaved = "network:LastVersionSaved",
        NetworkDomainTag = "network:DomainTag",
        NetworkFirstAuthErrorDates = "network:FirstAuthErrorDates",
        NetworkErrorOffers = "network:ErrorOffers",
        NetworkContactSyncSuccess = "network:ContactSyncSuccess",
        NetworkContactSyncError = "network:ContactSyncError",
        NetworkClientToken2 = "network:ClientToken2",
        NetworkClientToken = "network:ClientToken",
        NetworkClientPublishSecret = "network:ClientPublishSecret",
        NetworkUserEmail = "network:UserEmail",
        NetworkAutoLinkSuccess = "network:AutoLinkSuccess",
        NetworkAutoLinkError = "network:AutoLinkError",
        NetworkIsDefault = "network:IsDefault",
        NetworkSettings = "network:Settings",
        NetworkProfileUrl = "network:ProfileUrl",
        NetworkUserTileUrl = "network:UserTileUrl",
        NetworkDomainId = "network:DomainId",
        NetworkDisplayName = "network:DisplayName",
        NetworkAccountName = "network:AccountName",
        NetworkSourceEntryID = "network:SourceEntryID",
        AbchpersonFavoriteOrder = "abchperson:FavoriteOrder",
        AbchpersonPersonId = "abchperson:PersonId",
        AbchpersonExchangePersonIdGuid = "abchperson:ExchangePersonIdGuid",
        AbchpersonAntiLinkInfo = "abchperson:AntiLinkInfo",
        AbchpersonRelevanceOrder1 = "abchperson:RelevanceOrder1",
        AbchpersonRelevanceOrder2 = "abchperson:RelevanceOrder2",
        AbchpersonContactHandles = "abchperson:ContactHandles",
        AbchpersonCategories = "abchperson:Categories",
        BookingServiceIds = "booking:ServiceIds",
        BookingStaffIds = "booking:StaffIds",
        BookingStaffInitials = "booking:StaffInitials",
        BookingCustomerName = "booking:CustomerName",
        BookingCustomerEmail = "booking:CustomerEmail",
        BookingCustomerPhone = "booking:CustomerPhone",
        BookingCustomerId = "booking:CustomerId",
        InsightInsightId = "insight:InsightId",
        InsightType = "insight:Type",
        InsightStartTimeUtc = "insight:StartTimeUtc",
        InsightEndTimeUtc = "insight:EndTimeUtc",
        InsightStatus = "insight:Status",
        InsightVersion = "insight:Version",
        InsightApplicationsIds = "insight:ApplicationsIds",
        InsightText = "insight:Text",
        InsightSuggestedActions = "insight:SuggestedActions",
        InsightAppContexts = "insight:AppContexts",
    }
}

impl FieldUri {
    /// The first version of Exchange that knows the property.
    ///
    /// [`ServerVersion::Exchange2007`] stands for that version and for 2007 SP1; it is also
    /// the answer for a name this crate does not know.
    pub fn since(&self) -> ServerVersion {
        match self {
            Self::FolderSharingEffectiveRights
            | Self::ItemIsAssociated
            | Self::ItemConversationId
            | Self::ItemUniqueBody
            | Self::ItemWebClientReadFormQueryString
            | Self::ItemWebClientEditFormQueryString
            | Self::CalendarStartTimeZone
            | Self::CalendarEndTimeZone
            | Self::ContactsHasPicture
            | Self::DistributionlistMembers => ServerVersion::Exchange2010,
            Self::ConversationConversationId
            | Self::ConversationConversationTopic
            | Self::ConversationUniqueRecipients
            | Self::ConversationGlobalUniqueRecipients
            | Self::ConversationUniqueUnreadSenders
            | Self::ConversationGlobalUniqueUnreadSenders
            | Self::ConversationUniqueSenders
            | Self::ConversationGlobalUniqueSenders
            | Self::ConversationLastDeliveryTime
            | Self::ConversationGlobalLastDeliveryTime
            | Self::ConversationCategories
            | Self::ConversationGlobalCategories
            | Self::ConversationFlagStatus
            | Self::ConversationGlobalFlagStatus
            | Self::ConversationHasAttachments
            | Self::ConversationGlobalHasAttachments
            | Self::ConversationMessageCount
            | Self::ConversationGlobalMessageCount
            | Self::ConversationUnreadCount
            | Self::ConversationGlobalUnreadCount
            | Self::ConversationSize
            | Self::ConversationGlobalSize
            | Self::ConversationItemClasses
            | Self::ConversationGlobalItemClasses
            | Self::ConversationImportance
            | Self::ConversationGlobalImportance
            | Self::ConversationItemIds
            | Self::ConversationGlobalItemIds => ServerVersion::Exchange2010Sp1,
            Self::ItemStoreEntryId
            | Self::ContactsAlias
            | Self::ContactsDirectoryId
            | Self::ContactsDirectReports
            | Self::ContactsManagerMailbox
            | Self::ContactsMSExchangeCertificate
            | Self::ContactsNotes
            | Self::ContactsPhoneticFullName
            | Self::ContactsPhoneticFirstName
            | Self::ContactsPhoneticLastName
            | Self::ContactsPhoto
            | Self::ContactsUserSMIMECertificate => ServerVersion::Exchange2010Sp2,
            Self::FolderDistinguishedFolderId
            | Self::FolderPolicyTag
            | Self::FolderArchiveTag
            | Self::ItemReminderNextTime
            | Self::ItemFlag
            | Self::ItemInstanceKey
            | Self::ItemNormalizedBody
            | Self::ItemEntityExtractionResult
            | Self::ItemPolicyTag
            | Self::ItemArchiveTag
            | Self::ItemRetentionDate
            | Self::ItemPreview
            | Self::ItemRightsManagementLicenseData
            | Self::ItemBlockStatus
            | Self::ItemHasBlockedImages
            | Self::ItemTextBody
            | Self::ItemIconIndex
            | Self::MessageApprovalRequestData
            | Self::MessageVotingInformation
            | Self::MeetingProposedStart
            | Self::MeetingProposedEnd
            | Self::MeetingRequestChangeHighlights
            | Self::CalendarStartWallClock
            | Self::CalendarEndWallClock
            | Self::CalendarStartTimeZoneId
            | Self::CalendarEndTimeZoneId
            | Self::CalendarEnhancedLocation
            | Self::CalendarJoinOnlineMeetingUrl
            | Self::CalendarOnlineMeetingSettings
            | Self::CalendarIsOrganizer
            | Self::ConversationHasIrm
            | Self::ConversationGlobalHasIrm
            | Self::ConversationLastModifiedTime
            | Self::ConversationInstanceKey
            | Self::ConversationPreview
            | Self::ConversationIconIndex
            | Self::ConversationGlobalIconIndex
            | Self::ConversationDraftItemIds
            | Self::ConversationHasClutter
            | Self::PersonaPersonaObjectStatus
            | Self::PersonaFileAsId
            | Self::PersonaYomiCompanyName
            | Self::PersonaYomiFirstName
            | Self::PersonaYomiLastName
            | Self::PersonaPhoneNumber
            | Self::PersonaImAddresses2
            | Self::PersonaImAddresses3
            | Self::PersonaFolderIds
            | Self::PersonaDisplayNames
            | Self::PersonaInitials
            | Self::PersonaFileAses
            | Self::PersonaFileAsIds
            | Self::PersonaDisplayNamePrefixes
            | Self::PersonaGivenNames
            | Self::PersonaMiddleNames
            | Self::PersonaSurnames
            | Self::PersonaGenerations
            | Self::PersonaNicknames
            | Self::PersonaYomiCompanyNames
            | Self::PersonaYomiFirstNames
            | Self::PersonaYomiLastNames
            | Self::PersonaBusinessPhoneNumbers
            | Self::PersonaBusinessPhoneNumbers2
            | Self::PersonaHomePhones
            | Self::PersonaHomePhones2
            | Self::PersonaMobilePhones
            | Self::PersonaMobilePhones2
            | Self::PersonaAssistantPhoneNumbers
            | Self::PersonaCallbackPhones
            | Self::PersonaCarPhones
            | Self::PersonaHomeFaxes
            | Self::PersonaOrganizationMainPhones
            | Self::PersonaOtherFaxes
            | Self::PersonaOtherTelephones
            | Self::PersonaOtherPhones2
            | Self::PersonaPagers
            | Self::PersonaRadioPhones
            | Self::PersonaTelexNumbers
            | Self::PersonaWorkFaxes
            | Self::PersonaEmails1
            | Self::PersonaEmails2
            | Self::PersonaEmails3
            | Self::PersonaBusinessHomePages
            | Self::PersonaSchool
            | Self::PersonaPersonalHomePages
            | Self::PersonaBusinessAddresses
            | Self::PersonaHomeAddresses
            | Self::PersonaOtherAddresses
            | Self::PersonaTitles
            | Self::PersonaCompanyNames
            | Self::PersonaManagers
            | Self::PersonaAssistantNames
            | Self::PersonaProfessions
            | Self::PersonaSpouseNames
            | Self::PersonaHobbies
            | Self::PersonaWeddingAnniversaries
            | Self::PersonaBirthdays
            | Self::PersonaChildren
            | Self::PersonaLocations
            | Self::PersonaExtendedProperties
            | Self::PersonaPostalAddress
            | Self::PersonaBodies => ServerVersion::Exchange2013,
            Self::ItemPredictedActionReasons
            | Self::ItemIsClutter
            | Self::ItemMimeContentUTF8
            | Self::MessageReminderMessageData
            | Self::PersonaPersonaId
            | Self::PersonaPersonaType
            | Self::PersonaGivenName
            | Self::PersonaCompanyName
            | Self::PersonaSurname
            | Self::PersonaDisplayName
            | Self::PersonaEmailAddress
            | Self::PersonaFileAs
            | Self::PersonaHomeCity
            | Self::PersonaCreationTime
            | Self::PersonaRelevanceScore
            | Self::PersonaWorkCity
            | Self::PersonaDisplayNamePrefix
            | Self::PersonaTitle
            | Self::PersonaEmailAddresses
            | Self::PersonaImAddress
            | Self::PersonaImAddresses
            | Self::PersonaAttributions
            | Self::PersonaOfficeLocations
            | Self::PersonaDepartments => ServerVersion::Exchange2013Sp1,
            Self::ItemMentions | Self::ItemMentionedMe | Self::ItemHashtags => {
                ServerVersion::Exchange2015
            }
            Self::FolderReplicaList
            | Self::ItemDisplayBcc
            | Self::ItemMentionsPreview
            | Self::ItemMentionsEx
            | Self::ItemAppliedHashtags
            | Self::ItemAppliedHashtagsPreview
            | Self::ItemLikes
            | Self::ItemLikesPreview
            | Self::ItemPendingSocialActivityTagIds
            | Self::ItemAtAllMention
            | Self::ItemCanDelete
            | Self::ItemInferenceClassification
            | Self::ItemFirstBody
            | Self::MessagePublishedCalendarItemIcs
            | Self::MessagePublishedCalendarItemName
            | Self::MessageMessageSafety
            | Self::SharingMessageSharingMessageAction
            | Self::MeetingDoNotForwardMeeting
            | Self::CalendarInboxReminders
            | Self::CalendarCalendarActivityData
            | Self::CalendarDoNotForwardMeeting
            | Self::ContactsAbchEmailAddresses
            | Self::ContactsAccountName
            | Self::ContactsIsAutoUpdateDisabled
            | Self::ContactsIsMessengerEnabled
            | Self::ContactsComment
            | Self::ContactsContactShortId
            | Self::ContactsContactType
            | Self::ContactsCreatedBy
            | Self::ContactsGender
            | Self::ContactsIsHidden
            | Self::ContactsObjectId
            | Self::ContactsPassportId
            | Self::ContactsIsPrivate
            | Self::ContactsSourceId
            | Self::ContactsTrustLevel
            | Self::ContactsUrls
            | Self::ContactsCid
            | Self::ContactsSkypeAuthCertificate
            | Self::ContactsSkypeContext
            | Self::ContactsSkypeId
            | Self::ContactsXboxLiveTag
            | Self::ContactsSkypeRelationship
            | Self::ContactsYomiNickname
            | Self::ContactsInviteFree
            | Self::ContactsHidePresenceAndProfile
            | Self::ContactsIsPendingOutbound
            | Self::ContactsSupportGroupFeeds
            | Self::ContactsUserTileHash
            | Self::ContactsUnifiedInbox
            | Self::ContactsMris
            | Self::ContactsWlid
            | Self::ContactsAbchContactId
            | Self::ContactsNotInBirthdayCalendar
            | Self::ContactsShellContactType
            | Self::ContactsImMri
            | Self::ContactsPresenceTrustLevel
            | Self::ContactsOtherMri
            | Self::ContactsProfileLastChanged
            | Self::ContactsMobileIMEnabled
            | Self::ContactsPartnerNetworkProfilePhotoUrl
            | Self::ContactsPartnerNetworkThumbnailPhotoUrl
            | Self::ContactsPersonId
            | Self::ContactsConversationGuid
            | Self::ConversationMentionedMe
            | Self::ConversationGlobalMentionedMe
            | Self::ConversationAtAllMention
            | Self::ConversationGlobalAtAllMention
            | Self::PersonFullName
            | Self::PersonGivenName
            | Self::PersonSurname
            | Self::PersonPhoneNumber
            | Self::PersonSMSNumber
            | Self::PersonEmailAddress
            | Self::PersonAlias
            | Self::PersonDepartment
            | Self::PersonLinkedInProfileLink
            | Self::PersonSkills
            | Self::PersonProfessionalBiography
            | Self::PersonManagementChain
            | Self::PersonDirectReports
            | Self::PersonPeers
            | Self::PersonTeamSize
            | Self::PersonCurrentJob
            | Self::PersonBirthday
            | Self::PersonHometown
            | Self::PersonCurrentLocation
            | Self::PersonCompanyProfile
            | Self::PersonOffice
            | Self::PersonHeadline
            | Self::PersonMutualConnections
            | Self::PersonTitle
            | Self::PersonMutualManager
            | Self::PersonInsights
            | Self::PersonUserProfilePicture
            | Self::PersonaRankingWeight
            | Self::PersonaIsFavorite
            | Self::PersonaInlineLinks
            | Self::PersonaItemLinkIds
            | Self::PersonaHasActiveDeals
            | Self::PersonaIsBusinessContact
            | Self::PersonaAttributedHasActiveDeals
            | Self::PersonaAttributedIsBusinessContact
            | Self::PersonaSourceMailboxGuids
            | Self::PersonaLastContactedDate
            | Self::PersonaExternalDirectoryObjectId
            | Self::PersonaMapiEntryId
            | Self::PersonaMapiEmailAddress
            | Self::PersonaMapiAddressType
            | Self::PersonaMapiSearchKey
            | Self::PersonaMapiTransmittableDisplayName
            | Self::PersonaMapiSendRichInfo
            | Self::RolememberMemberType
            | Self::RolememberMemberId
            | Self::RolememberDisplayName
            | Self::NetworkTokenRefreshLastCompleted
            | Self::NetworkTokenRefreshLastAttempted
            | Self::NetworkSyncEnabled
            | Self::NetworkRejectedOffers
            | Self::NetworkSessionHandle
            | Self::NetworkRefreshTokenExpiry2
            | Self::NetworkRefreshToken2
            | Self::NetworkPsaLastChanged
            | Self::NetworkOffers
            | Self::NetworkLastWelcomeContact
            | Self::NetworkLastVersionSaved
            | Self::NetworkDomainTag
            | Self::NetworkFirstAuthErrorDates
            | Self::NetworkErrorOffers
            | Self::NetworkContactSyncSuccess
            | Self::NetworkContactSyncError
            | Self::NetworkClientToken2
            | Self::NetworkClientToken
            | Self::NetworkClientPublishSecret
            | Self::NetworkUserEmail
            | Self::NetworkAutoLinkSuccess
            | Self::NetworkAutoLinkError
            | Self::NetworkIsDefault
            | Self::NetworkSettings
            | Self::NetworkProfileUrl
            | Self::NetworkUserTileUrl
            | Self::NetworkDomainId
            | Self::NetworkDisplayName
            | Self::NetworkAccountName
            | Self::NetworkSourceEntryID
            | Self::AbchpersonFavoriteOrder
            | Self::AbchpersonPersonId
            | Self::AbchpersonExchangePersonIdGuid
            | Self::AbchpersonAntiLinkInfo
            | Self::AbchpersonRelevanceOrder1
            | Self::AbchpersonRelevanceOrder2
            | Self::AbchpersonContactHandles
            | Self::AbchpersonCategories
            | Self::BookingServiceIds
            | Self::BookingStaffIds
            | Self::BookingStaffInitials
            | Self::BookingCustomerName
            | Self::BookingCustomerEmail
            | Self::BookingCustomerPhone
            | Self::BookingCustomerId
            | Self::InsightInsightId
            | Self::InsightType
            | Self::InsightStartTimeUtc
            | Self::InsightEndTimeUtc
            | Self::InsightStatus
            | Self::InsightVersion
            | Self::InsightApplicationsIds
            | Self::InsightText
            | Self::InsightSuggestedActions
            | Self::InsightAppContexts => ServerVersion::Exchange2016,
            _ => ServerVersion::Exchange2007,
        }
    }
}

names! {
    /// A folder that has the same name in every mailbox, as [DistinguishedFolderId][reference] names it.
    ///
    /// Not every mailbox has every one of them. A name this crate does not know is kept as `Other`
    /// and is sent as it is.
    ///
    /// [reference]: https://learn.microsoft.com/exchange/client-developer/web-service-reference/distinguishedfolderid
    pub open enum DistinguishedFolderId {
        Calendar = "calendar",
        Contacts = "contacts",
        DeletedItems = "deleteditems",
        Drafts = "drafts",
        Inbox = "inbox",
        Journal = "journal",
        Notes = "notes",
        Outbox = "outbox",
        SentItems = "sentitems",
        Tasks = "tasks",
        MsgFolderRoot = "msgfolderroot",
        PublicFoldersRoot = "publicfoldersroot",
        Root = "root",
        JunkEmail = "junkemail",
        SearchFolders = "searchfolders",
        VoiceMail = "voicemail",
        RecoverableItemsRoot = "recoverableitemsroot",
        RecoverableItemsDeletions = "recoverableitemsdeletions",
        RecoverableItemsVersions = "recoverableitemsversions",
        RecoverableItemsPurges = "recoverableitemspurges",
        RecoverableItemsDiscoveryHolds = "recoverableitemsdiscoveryholds",
        ArchiveRoot = "archiveroot",
        ArchiveMsgFolderRoot = "archivemsgfolderroot",
        ArchiveDeletedItems = "archivedeleteditems",
        ArchiveInbox = "archiveinbox",
        ArchiveRecoverableItemsRoot = "archiverecoverableitemsroot",
        ArchiveRecoverableItemsDeletions = "archiverecoverableitemsdeletions",
        ArchiveRecoverableItemsVersions = "archiverecoverableitemsversions",
        ArchiveRecoverableItemsPurges = "archiverecoverableitemspurges",
        ArchiveRecoverableItemsDiscoveryHolds = "archiverecoverableitemsdiscoveryholds",
        SyncIssues = "syncissues",
        Conflicts = "conflicts",
        LocalFailures = "localfailures",
        ServerFailures = "serverfailures",
        RecipientCache = "recipientcache",
        QuickContacts = "quickcontacts",
        ConversationHistory = "conversationhistory",
        AdminAuditLogs = "adminauditlogs",
        TodoSearch = "todosearch",
        MyContacts = "mycontacts",
        Directory = "directory",
        ImContactList = "imcontactlist",
        PeopleConnect = "peopleconnect",
        Favorites = "favorites",
        MeContact = "mecontact",
        PersonMetadata = "personmetadata",
        TeamSpaceActivity = "teamspaceactivity",
        TeamSpaceMessaging = "teamspacemessaging",
        TeamSpaceWorkItems = "teamspaceworkitems",
        Scheduled = "scheduled",
        OrionNotes = "orionnotes",
        TagItems = "tagitems",
        AllTaggedItems = "alltaggeditems",
        ExternalContacts = "externalcontacts",
        TeamChat = "teamchat",
        TeamChatHistory = "teamchathistory",
        YammerRoot = "yammerroot",
        YammerInbound = "yammerinbound",
        YammerOutbound = "yammeroutbound",
        YammerFeeds = "yammerfeeds",
        OneDriveRoot = "onedriveroot",
        OneDriveRecyleBin = "onedriverecylebin",
        OneDriveSystem = "onedrivesystem",
        OneDriveVolume = "onedrivevolume",
        Important = "important",
        Starred = "starred",
        Archive = "archive",
    }
}

impl DistinguishedFolderId {
    /// The first version of Exchange that knows the folder.
    ///
    /// [`ServerVersion::Exchange2007`] stands for that version and for 2007 SP1; it is also
    /// the answer for a name this crate does not know.
    pub fn since(&self) -> ServerVersion {
        match self {
            Self::RecoverableItemsRoot
            | Self::RecoverableItemsDeletions
            | Self::RecoverableItemsVersions
            | Self::RecoverableItemsPurges
            | Self::ArchiveRoot
            | Self::ArchiveMsgFolderRoot
            | Self::ArchiveDeletedItems
            | Self::ArchiveRecoverableItemsRoot
            | Self::ArchiveRecoverableItemsDeletions
            | Self::ArchiveRecoverableItemsVersions
            | Self::ArchiveRecoverableItemsPurges => ServerVersion::Exchange2010Sp1,
            Self::SyncIssues
            | Self::Conflicts
            | Self::LocalFailures
            | Self::ServerFailures
            | Self::RecipientCache
            | Self::QuickContacts
            | Self::ConversationHistory
            | Self::AdminAuditLogs
            | Self::TodoSearch
            | Self::MyContacts
            | Self::ImContactList
            | Self::PeopleConnect
            | Self::Favorites => ServerVersion::Exchange2013,
            Self::RecoverableItemsDiscoveryHolds
            | Self::ArchiveInbox
            | Self::ArchiveRecoverableItemsDiscoveryHolds
            | Self::Directory => ServerVersion::Exchange2013Sp1,
            Self::MeContact
            | Self::PersonMetadata
            | Self::TeamSpaceActivity
            | Self::TeamSpaceMessaging
            | Self::TeamSpaceWorkItems
            | Self::Scheduled
            | Self::OrionNotes
            | Self::TagItems
            | Self::AllTaggedItems
            | Self::ExternalContacts
            | Self::TeamChat
            | Self::TeamChatHistory
            | Self::YammerRoot
            | Self::YammerInbound
            | Self::YammerOutbound
            | Self::YammerFeeds
            | Self::OneDriveRoot
            | Self::OneDriveRecyleBin
            | Self::OneDriveSystem
            | Self::OneDriveVolume
            | Self::Important
            | Self::Starred
            | Self::Archive => ServerVersion::Exchange2016,
            _ => ServerVersion::Exchange2007,
        }
    }
}
