-- The business units of an enterprise account: each is a database of its own, kept here in pieces. A unit that was changed
-- gets another number, drawn, so that one that was rolled back does not come again.
CREATE TABLE unit (mid INTEGER PRIMARY KEY, generation INTEGER NOT NULL, size INTEGER NOT NULL) STRICT;
CREATE TABLE unit_piece (
  mid INTEGER NOT NULL REFERENCES unit (mid) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (mid, number)
) STRICT, WITHOUT ROWID;

-- What a caller may do: scopes with blanks between, empty for everything.
ALTER TABLE api_user ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE package ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN scope TEXT NOT NULL DEFAULT '';

-- The account itself, as Account and BusinessUnit show it: what was said of it is kept as settings.
DROP VIEW api_account;
CREATE VIEW api_account AS SELECT
  1 AS rowkey, a.mid AS "ID", a.mid AS "Client.ID",
  COALESCE((SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'enterprise'), a.mid) AS "Client.EnterpriseID",
  NULL AS "Client.PartnerClientKey",
  COALESCE((SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'parent'), 0) AS "ParentID",
  NULL AS "BrandID", NULL AS "PrivateLabelID",
  COALESCE((SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'parent'), 0) AS "ReportingParentID",
  COALESCE((SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'about.IsActive'), 1) AS "IsActive",
  NULL AS "EditionID", COALESCE((SELECT value FROM setting WHERE name = 'name'), '') AS "Name",
  (SELECT value FROM setting WHERE name = 'about.Email') AS "Email",
  (SELECT value FROM setting WHERE name = 'about.FromName') AS "FromName",
  COALESCE((SELECT value FROM setting WHERE name = 'about.BusinessName'),
    (SELECT value FROM setting WHERE name = 'name'), '') AS "BusinessName",
  (SELECT value FROM setting WHERE name = 'about.Phone') AS "Phone",
  (SELECT value FROM setting WHERE name = 'about.Address') AS "Address",
  (SELECT value FROM setting WHERE name = 'about.Fax') AS "Fax",
  (SELECT value FROM setting WHERE name = 'about.City') AS "City",
  (SELECT value FROM setting WHERE name = 'about.State') AS "State",
  (SELECT value FROM setting WHERE name = 'about.Zip') AS "Zip",
  (SELECT value FROM setting WHERE name = 'about.Country') AS "Country",
  (SELECT value FROM setting WHERE name = 'parent_name') AS "ParentName",
  CASE WHEN EXISTS (SELECT 1 FROM setting WHERE name = 'enterprise') THEN 'BUSINESS_UNIT' ELSE 'ENTERPRISE_2' END
    AS "AccountType",
  COALESCE((SELECT value FROM setting WHERE name = 'customer_key'), CAST(a.mid AS TEXT)) AS "CustomerKey",
  (SELECT value FROM setting WHERE name = 'about.PartnerKey') AS "PartnerKey",
  NULL AS "Locale.LocaleCode", NULL AS "LanguageLocale.LocaleCode", NULL AS "TimeZone.Name",
  (SELECT value FROM setting WHERE name = 'about.CreatedDate') AS "CreatedDate",
  (SELECT value FROM setting WHERE name = 'about.ModifiedDate') AS "ModifiedDate",
  NULL AS "DeletedDate", 0 AS "IsTestAccount", 0 AS "InheritAddress", 0 AS "IsTrialAccount",
  COALESCE((SELECT value FROM setting WHERE name = 'about.Description'), '') AS "Description",
  COALESCE((SELECT value FROM setting WHERE name = 'about.MasterUnsubscribeBehavior'), 'ENTIRE_ENTERPRISE')
    AS "MasterUnsubscribeBehavior"
FROM account_id a;
