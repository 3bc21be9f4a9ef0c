CREATE TABLE parents (
    parentid GUID PRIMARY KEY,
    dataareaid VARCHAR(4) NOT NULL,
    code VARCHAR(20) NOT NULL,
    name VARCHAR(60),
    UNIQUE (dataareaid, code)
);

CREATE TABLE children (
    childid GUID PRIMARY KEY,
    dataareaid VARCHAR(4) NOT NULL,
    number VARCHAR(20) NOT NULL,
    title VARCHAR(20) NOT NULL,
    note TEXT,
    badge VARCHAR(20),
    quantity BIGINT,
    amount DECTEXT(18,4) CHECK (amount GLOB '*[0-9].[0-9][0-9][0-9][0-9]'),
    active BOOLEAN CHECK (active IN (0, 1)),
    born DATE,
    seen DATETIME,
    token GUID,
    parent GUID REFERENCES parents (parentid),
    UNIQUE (dataareaid, number),
    UNIQUE (badge)
);

CREATE TABLE rates (
    rateid GUID PRIMARY KEY,
    currency VARCHAR(3) NOT NULL,
    day DATE NOT NULL,
    rate DECTEXT(18,4) CHECK (rate GLOB '*[0-9].[0-9][0-9][0-9][0-9]'),
    UNIQUE (currency, day)
);

CREATE TABLE remarks (
    remarkid GUID PRIMARY KEY,
    subject VARCHAR(40) COLLATE NOCASE NOT NULL,
    about GUID,
    UNIQUE (subject)
);
