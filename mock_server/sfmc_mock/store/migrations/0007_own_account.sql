-- The account itself, as Account and BusinessUnit show it. It has no parent and no children.
CREATE VIEW api_account AS SELECT
  1 AS rowkey, a.mid AS "ID", a.mid AS "Client.ID", a.mid AS "Client.EnterpriseID", NULL AS "Client.PartnerClientKey",
  0 AS "ParentID", NULL AS "BrandID", NULL AS "PrivateLabelID", 0 AS "ReportingParentID", 1 AS "IsActive",
  NULL AS "EditionID", COALESCE((SELECT value FROM setting WHERE name = 'name'), '') AS "Name", NULL AS "Email",
  NULL AS "FromName", COALESCE((SELECT value FROM setting WHERE name = 'name'), '') AS "BusinessName",
  NULL AS "Phone", NULL AS "Address", NULL AS "Fax", NULL AS "City", NULL AS "State", NULL AS "Zip",
  NULL AS "Country", NULL AS "ParentName", 'ENTERPRISE_2' AS "AccountType", CAST(a.mid AS TEXT) AS "CustomerKey",
  NULL AS "PartnerKey", NULL AS "Locale.LocaleCode", NULL AS "LanguageLocale.LocaleCode", NULL AS "TimeZone.Name",
  NULL AS "CreatedDate", NULL AS "ModifiedDate", NULL AS "DeletedDate", 0 AS "IsTestAccount",
  0 AS "InheritAddress", 0 AS "IsTrialAccount", '' AS "Description", 'ENTIRE_ENTERPRISE' AS "MasterUnsubscribeBehavior"
FROM account_id a;
