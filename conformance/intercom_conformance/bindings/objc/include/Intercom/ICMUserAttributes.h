#import <Foundation/Foundation.h>
#include <stdbool.h>

/** What is known of a company. */
@interface ICMCompany : NSObject {
    NSString *companyId, *name, *plan;
    NSDate *createdAt;
    NSNumber *monthlySpend;
    NSDictionary *customAttributes;
}
@property (strong) NSString *companyId, *name, *plan;
@property (strong) NSDate *createdAt;
@property (strong) NSNumber *monthlySpend;
@property (strong) NSDictionary *customAttributes;
/** What was set, under the guide's names. */
- (NSDictionary *)written;
@end

/** What is known of a user. */
@interface ICMUserAttributes : NSObject {
    NSString *userId, *email, *name, *phone, *languageOverride;
    NSDate *signedUpAt;
    NSNumber *unsubscribed;
    NSArray *companies;
    NSDictionary *customAttributes;
}
@property (strong) NSString *userId, *email, *name, *phone, *languageOverride;
@property (strong) NSDate *signedUpAt;
/** On a device, BOOL is bool, which every pointer but nil makes true. */
@property bool unsubscribedFromEmails;
@property (strong) NSArray *companies;
@property (strong) NSDictionary *customAttributes;
/** These three stand for null. */
+ (NSString *)nullStringAttribute;
+ (NSNumber *)nullNumberAttribute;
+ (NSDate *)nullDateAttribute;
/** What was set, under the guide's names. */
- (NSDictionary *)written;
@end
