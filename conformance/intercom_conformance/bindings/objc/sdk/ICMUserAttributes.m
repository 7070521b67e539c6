#import <Intercom/ICMUserAttributes.h>

/** Adds an attribute that was set, as JSON has it: null for the objects that stand for null, dates in seconds. */
static void add(NSMutableDictionary *written, NSString *key, id value) {
    BOOL null = value == [ICMUserAttributes nullStringAttribute] || value == [ICMUserAttributes nullNumberAttribute]
        || value == [ICMUserAttributes nullDateAttribute];
    if (null) {
        written[key] = [NSNull null];
    } else if ([value isKindOfClass:[NSDate class]]) {
        written[key] = @([value timeIntervalSince1970]);
    } else if (value != nil) {
        written[key] = value;
    }
}

@implementation ICMCompany
@synthesize companyId, name, plan, createdAt, monthlySpend, customAttributes;

- (NSDictionary *)written {
    NSMutableDictionary *written = [NSMutableDictionary dictionary];
    add(written, @"id", companyId);
    add(written, @"name", name);
    add(written, @"plan", plan);
    add(written, @"createdAt", createdAt);
    add(written, @"monthlySpend", monthlySpend);
    add(written, @"customAttributes", customAttributes);
    return written;
}
@end

@implementation ICMUserAttributes
@synthesize userId, email, name, phone, languageOverride, signedUpAt, companies, customAttributes;

+ (NSString *)nullStringAttribute {
    static NSString *null;
    return null ?: (null = [[NSMutableString alloc] initWithString:@"null"]);
}

+ (NSNumber *)nullNumberAttribute {
    static NSNumber *null;
    return null ?: (null = [[NSNumber alloc] initWithDouble:1e-300]);
}

+ (NSDate *)nullDateAttribute {
    static NSDate *null;
    return null ?: (null = [[NSDate alloc] initWithTimeIntervalSince1970:1e-300]);
}

- (bool)unsubscribedFromEmails {
    return [unsubscribed boolValue];
}

- (void)setUnsubscribedFromEmails:(bool)value {
    unsubscribed = [[NSNumber alloc] initWithBool:value];
}

- (NSDictionary *)written {
    NSMutableDictionary *written = [NSMutableDictionary dictionary];
    add(written, @"userId", userId);
    add(written, @"email", email);
    add(written, @"name", name);
    add(written, @"phone", phone);
    add(written, @"languageOverride", languageOverride);
    add(written, @"signedUpAt", signedUpAt);
    add(written, @"unsubscribedFromEmails", unsubscribed);
    add(written, @"companies", [companies valueForKey:@"written"]);
    add(written, @"customAttributes", customAttributes);
    return written;
}
@end
