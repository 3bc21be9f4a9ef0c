CREATE TABLE Parents (
    RECID INTEGER PRIMARY KEY,
    dataAreaId VARCHAR(4) NOT NULL,
    Code VARCHAR(20) NOT NULL,
    Name VARCHAR(60),
    UNIQUE (dataAreaId, Code)
);

CREATE TABLE Children (
    RECID INTEGER PRIMARY KEY,
    dataAreaId VARCHAR(4) NOT NULL,
    Number VARCHAR(20) NOT NULL,
    Title VARCHAR(20) NOT NULL,
    Note TEXT,
    Badge VARCHAR(20),
    Quantity BIGINT,
    Amount DECTEXT(18,4) CHECK (Amount GLOB '*[0-9].[0-9][0-9][0-9][0-9]'),
    Active VARCHAR(3),
    Born DATE,
    Seen DATETIME,
    Token GUID,
    NameAlias VARCHAR(20),
    UNIQUE (dataAreaId, Number)
);

CREATE TABLE Rates (
    RECID INTEGER PRIMARY KEY,
    Currency VARCHAR(3) NOT NULL,
    Day DATE NOT NULL,
    Rate DECTEXT(18,4) CHECK (Rate GLOB '*[0-9].[0-9][0-9][0-9][0-9]'),
    UNIQUE (Currency, Day)
);
