/** The data of the Help Center. */
#import <Foundation/Foundation.h>

/** An object of the kit's answer; each property is the entry of that name, nil if there is none. */
@interface ICMHelpCenterData : NSObject {
    NSDictionary *given;
}
+ (instancetype)of:(NSDictionary *)object;
/** One for each object of an array. */
+ (NSArray *)each:(NSArray *)objects;
@property (readonly) NSString *title, *summary;
@end

@interface ICMHelpCenterArticle : ICMHelpCenterData
@property (readonly) NSString *articleId;
@end

@interface ICMHelpCenterArticleSearchResult : ICMHelpCenterData
@property (readonly) NSString *articleId, *matchingSnippet;
@end

@interface ICMHelpCenterCollection : ICMHelpCenterData
@property (readonly) NSString *collectionId;
@end

@interface ICMHelpCenterSection : ICMHelpCenterData
@property (readonly) NSArray *articles;
@end

@interface ICMHelpCenterCollectionContent : ICMHelpCenterData
@property (readonly) NSString *collectionId;
@property (readonly) NSArray *articles, *sections, *collections;
@end
