"""The people of the demo world, as the demo prints them. All have the same password."""

PASSWORD = "demo-password"  # noqa: S105 -- for the demo only, printed on its start

# An Open key that Carl can redeem, printed with the accounts.
OPEN_KEY = "DEM0K-EYF0R-NRTHW-1ND25-SEATS"

ACCOUNTS = [
    ("ada@fabrikam.example", "Fabrikam Cloud, direct partner: Admin agent, Billing admin"),
    ("sam@fabrikam.example", "Fabrikam Cloud: Sales agent"),
    ("helen@fabrikam.example", "Fabrikam Cloud: Helpdesk agent"),
    ("gita@fabrikam.example", "Fabrikam Cloud: Global admin"),
    ("nora@tailspin.example", "Tailspin Partners, another direct partner: Admin agent"),
    ("carl@northwind.example", "Northwind Traders, customer: Tenant admin"),
    ("bea@northwind.example", "Northwind Traders: Billing reader"),
    ("mia@northwind.example", "Northwind Traders: Member"),
    ("tom@contoso.example", "Contoso, a customer without a partner: Tenant admin"),
    ("wanda@woodgrove.example", "Woodgrove Bank, which has Syndication: Tenant admin"),
    ("gwen@wingtip.example", "Wingtip Distribution, indirect provider: Global admin"),
    ("wes@wingtip.example", "Wingtip Distribution: Admin agent, Billing admin"),
    ("lars@litware-consulting.example", "Litware Consulting, its reseller: Global admin"),
    ("lena@litware-consulting.example", "Litware Consulting: Admin agent, Billing admin"),
    ("cora@consolidated.example", "Consolidated Messenger, a direct partner going indirect: all"),
    ("ivo@alpine-systems.example", "Alpine Systems, a suspended partner: Admin agent"),
    ("ines@southridge.example", "Southridge Advisory, an advisor: Sales agent"),
    ("rita@relecloud.example", "Relecloud, customer of both: Tenant admin"),
    ("olga@vendor.example", "The vendor's operator, superuser (Django admin)"),
    ("karin@vendor.example", "The vendor's operator for the catalogue"),
    ("felix@vendor.example", "The vendor's operator for finance"),
    ("suri@vendor.example", "The vendor's operator for support"),
]
