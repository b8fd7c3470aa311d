"""Every member name of the three resource types, as Microsoft's pages of v1.0 and beta list them.

For $select, and to tell a member that nobody may write from one that does not exist.
"""

DEVICE = frozenset(
    """
accountEnabled alternativeSecurityIds approximateLastSignInDateTime complianceExpirationDateTime
deletedDateTime deviceCategory deviceId deviceMetadata deviceOwnership deviceVersion displayName
enrollmentProfileName enrollmentType extensionAttributes id isCompliant isManaged
isManagementRestricted isRooted managementType manufacturer mdmAppId model
onPremisesLastSyncDateTime onPremisesSecurityIdentifier onPremisesSyncEnabled operatingSystem
operatingSystemVersion physicalIds profileType registrationDateTime systemLabels trustType
""".split()
)

DEVICE_OWNED_BY_INTUNE = frozenset(
    """
deviceCategory deviceOwnership enrollmentProfileName enrollmentType isCompliant isManaged isRooted
managementType mdmAppId
""".split()
)
"""Only Intune or an approved MDM app may write these; anybody else is denied, not corrected."""

BETA_DEVICE = DEVICE | frozenset("domainName hostnames kind name platform status".split())

MANAGED_DEVICE = frozenset(
    """
activationLockBypassCode androidSecurityPatchLevel azureADDeviceId azureADRegistered
complianceGracePeriodExpirationDateTime complianceState configurationManagerClientEnabledFeatures
deviceActionResults deviceCategoryDisplayName deviceEnrollmentType deviceHealthAttestationState
deviceName deviceRegistrationState easActivated easActivationDateTime easDeviceId emailAddress
enrolledDateTime enrollmentProfileName ethernetMacAddress exchangeAccessState
exchangeAccessStateReason exchangeLastSuccessfulSyncDateTime freeStorageSpaceInBytes iccid id imei
isEncrypted isSupervised jailBroken lastSyncDateTime managedDeviceName managedDeviceOwnerType
managementAgent managementCertificateExpirationDate managementState manufacturer meid model notes
operatingSystem osVersion partnerReportedThreatState phoneNumber physicalMemoryInBytes
remoteAssistanceSessionErrorDetails remoteAssistanceSessionUrl requireUserEnrollmentApproval
serialNumber subscriberCarrier totalStorageSpaceInBytes udid userDisplayName userId
userPrincipalName wiFiMacAddress
""".split()
)

BETA_MANAGED_DEVICE = MANAGED_DEVICE | frozenset(
    """
aadRegistered autopilotEnrolled azureActiveDirectoryDeviceId bootstrapTokenEscrowed chassisType
chromeOSDeviceInfo cloudPcRemoteActionResults configurationManagerClientHealthState
configurationManagerClientInformation deviceFirmwareConfigurationInterfaceManaged deviceType
enrolledByUserPrincipalName hardwareInformation joinType lostModeState managementFeatures ownerType
preferMdmOverGroupPolicyAppliedDateTime processorArchitecture retireAfterDateTime roleScopeTagIds
securityPatchLevel skuFamily skuNumber specificationVersion usersLoggedOn
windowsActiveMalwareCount windowsRemediatedMalwareCount
""".split()
)

USER = frozenset(
    """
accountEnabled ageGroup assignedLicenses assignedPlans businessPhones city companyName
consentProvidedForMinor country createdDateTime creationType department displayName employeeId
employeeType givenName id identities
isResourceAccount jobTitle lastPasswordChangeDateTime mail mailNickname mobilePhone officeLocation
onPremisesImmutableId onPremisesLastSyncDateTime onPremisesSyncEnabled otherMails passwordPolicies
passwordProfile postalCode preferredLanguage proxyAddresses securityIdentifier showInAddressList
signInSessionsValidFromDateTime state streetAddress surname usageLocation userPrincipalName userType
""".split()
)

USER_DEFAULT = frozenset(
    """
businessPhones displayName givenName id jobTitle mail mobilePhone officeLocation preferredLanguage
surname userPrincipalName
""".split()
)
"""What GET /users/{id} returns without $select."""

USER_NOT_FOR_APPLICATIONS = frozenset(
    """
aboutMe birthday hireDate interests mySite pastProjects preferredName responsibilities schools
skills
""".split()
)
"""Members that no application permission can update."""

MEMBERSHIP = frozenset("id displayName description roleTemplateId".split())
"""Of groups, directory roles and administrative units, as far as anybody asks."""

EVENT = frozenset("id subject start end showAs isCancelled isAllDay organizer".split())
